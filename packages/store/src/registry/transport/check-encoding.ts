import type { TransportResponse } from '../../http/transport.js'
import { escapeText } from './escape-text.js'
import type { Redact } from './redact.js'
import { registryError } from './registry-error.js'

/**
 * Refuses a body that was encoded on its way: its size, ranges and digest would be others. @throws E_REG_ENCODING
 */
export function checkEncoding(
  response: TransportResponse,
  about: { readonly host: string; readonly asked: string; readonly redact: Redact },
): void {
  const encoding = response.headers['content-encoding'] ?? ''
  if (encoding === '' || encoding.toLowerCase() === 'identity') return
  response.discard()
  const shown = escapeText(about.redact(encoding), 50)
  throw registryError(
    'E_REG_ENCODING',
    { host: about.host, problem: `${about.asked} is sent encoded as "${shown}", though this was ruled out` },
    { hint: 'check for a proxy that compresses what passes through it', data: { encoding: shown } },
  )
}
