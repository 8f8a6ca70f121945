import { commitFiles, directory, tarContext } from '@cooperage/builder'
import { CooperageError } from '@cooperage/store/errors'
import { readStdin } from '../build-command/stdin-source.js'
import { findImage } from '../images/find-image.js'
import { keepUnnamed } from '../images/unnamed.js'
import type { Invocation } from '../invocation.js'
import { withStore } from '../with-store.js'

/** `cooper commit FILES BASE`: prints the ID of the new image. */
export async function run(invocation: Invocation): Promise<void> {
  const { flags, operands, terminal, env, signal } = invocation
  const [files, base] = operands as [string, string]
  const source = files === '-' ? await stdinArchive(invocation) : directory(files)
  const message = flags.text('message')
  const author = flags.text('author')
  const created = epochOf(env.SOURCE_DATE_EPOCH)
  const id = await withStore(invocation, async (store) => {
    const { image } = await findImage(store, base)
    const { manifest, config } = image
    const result = await commitFiles({
      store,
      base: { manifest, config },
      files: source,
      changes: flags.list('change'),
      tags: flags.list('tag'),
      ...(message !== undefined && { message }),
      ...(author !== undefined && { author }),
      ...(created !== undefined && { created }),
      signal,
    })
    if (result.tags.length === 0) await keepUnnamed(store, result.descriptor)
    return result.imageId
  })
  await terminal.print(`${id}\n`)
}

async function stdinArchive({ terminal, signal }: Invocation) {
  const source = await readStdin(terminal, signal)
  if (source.kind === 'tar') return tarContext(source.stream)
  throw new CooperageError('E_CLI', 'stdin is no tar archive', {
    hint: 'send the files of the image as one, such as that of cooper build -o type=tar',
  })
}

function epochOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined
  if (/^\d{1,12}$/.test(text)) return Number(text)
  throw new CooperageError('E_CLI', `SOURCE_DATE_EPOCH is seconds since 1970, not ${JSON.stringify(text)}`)
}
