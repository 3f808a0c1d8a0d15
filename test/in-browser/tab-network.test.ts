import { describeNetwork } from '../contract/network.ts'
import { openBridgedNetworks } from './bridged-networks.ts'

describeNetwork('the leading tab', openBridgedNetworks, { asksOnly: true })
