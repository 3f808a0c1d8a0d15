/** A list of command lines with copy buttons. */
import { CopyButton } from '../components/buttons.tsx'
import type { CommandLine } from './command-lines.ts'

export const CommandList = ({ lines }: { lines: readonly CommandLine[] }) => (
  <dl class="commands">
    {lines.map(({ tool, text }) => (
      <div key={tool}>
        <dt>{tool}</dt>
        <dd>
          <code>{text}</code>
          <CopyButton text={text} what={tool === 'by digest' ? 'reference by digest' : `${tool} command`} />
        </dd>
      </div>
    ))}
  </dl>
)
