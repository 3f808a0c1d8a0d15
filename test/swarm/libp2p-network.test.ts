import { describeNetwork } from '../contract/network.ts'
import { openTestNetworks } from './libp2p-peers.ts'

describeNetwork('libp2p over TCP', openTestNetworks)
