import { type ByteString, CooperageError, shownUrl } from '@cooperage/store'

/**
 * The name that `ADD URL` gives a file: the last part of the URL's path, `__unnamed__` when there is none. What the
 * server says of a name is not asked. @throws E_ADD_NAME for a name that is none
 */
export function urlFileName(url: string): ByteString {
  // A URL's path is ASCII; its escapes are bytes, and an escaped slash divides as a plain one does.
  const path = new URL(url).pathname.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  const name = path.replace(/\/+$/, '').replace(/^.*\//s, '')
  if (name === '') return '__unnamed__'
  if (name !== '.' && name !== '..' && !name.includes('\0')) return name
  throw new CooperageError('E_ADD_NAME', `the path of ${shownUrl(url)} gives no name for a file`, {
    hint: 'check the escapes in the URL',
    data: { name },
  })
}
