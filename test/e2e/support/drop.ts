/** Drops files on a page, as from a file manager: their bytes go the browser's own way, not through the test. */
import type { Page } from 'playwright'

export async function dropFiles(page: Page, paths: readonly string[]): Promise<void> {
  const input = await page.evaluateHandle(() => {
    const input = Object.assign(document.createElement('input'), { type: 'file', multiple: true })
    document.body.append(input)
    return input
  })
  await input.asElement()!.setInputFiles([...paths])
  await input.evaluate((input) => {
    const dataTransfer = new DataTransfer()
    for (const file of input.files!) dataTransfer.items.add(file)
    input.remove()
    const options = { dataTransfer, bubbles: true, cancelable: true }
    document.body.dispatchEvent(new DragEvent('dragover', options))
    document.body.dispatchEvent(new DragEvent('drop', options))
  })
}
