/** Drops files on a page, as from a file manager: their bytes go the browser's own way, not through the test. */
import type { Page } from 'playwright'

export async function dropFiles(page: Page, paths: readonly string[]): Promise<void> {
  const input = await page.evaluateHandle(() => {
    const input = Object.assign(document.createElement('input'), { type: 'file', multiple: true })
    document.body.append(input)
    return input
  })
  await input.asElement()!.setInputFiles([...paths])
  await page.waitForFunction(drag, { input, type: 'dragover' }) // until the page minds it
  await page.evaluate(drag, { input, type: 'drop' })
}

/** Folders cannot be created in a page, so the browser itself drops this one. */
export async function dropFolder(page: Page, path: string): Promise<void> {
  const session = await page.context().newCDPSession(page)
  const data = { items: [], files: [path], dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', { type, x: 100, y: 100, data })
  await session.detach()
}

/** Runs in the page. Returns whether the page says that files may be dropped. */
function drag({ input, type }: { input: HTMLInputElement; type: string }): boolean {
  const dataTransfer = new DataTransfer()
  for (const file of input.files!) dataTransfer.items.add(file)
  if (type === 'drop') input.remove()
  document.body.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }))
  return document.querySelector('.drop-area') !== null
}
