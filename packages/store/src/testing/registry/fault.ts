import { once } from 'node:events'
import type { ServerResponse } from 'node:http'

/** What a registry that means harm, or has bad luck, does instead of its work. What is not said stays as it is. */
export interface RegistryFault {
  /** Answers with this status at once, without looking at the request. */
  readonly status?: number
  /** Does its work, and answers with this status in the place of its own. */
  readonly statusAfter?: number
  /** Set beside or instead of the real ones; an empty string takes one away. */
  readonly headers?: Readonly<Record<string, string>>
  /** The body of the answer; with `endless`, bytes without end. */
  readonly body?: string | Uint8Array | 'endless'
  /** Breaks the connection after this many bytes of the body of the answer. */
  readonly cutAt?: number
  /** Falls silent after this many bytes of the body of the answer. */
  readonly stallAt?: number
  /** Breaks the connection after this many bytes of the body of the request; they are kept, as an upload keeps them. */
  readonly cutRequestAt?: number
  /** Takes no more than this many bytes of the body of the request, and answers for those. */
  readonly takeAtMost?: number
  /** Never answers. */
  readonly mute?: boolean
}

/** A request as a fault is chosen for it, and as it is recorded. */
export interface RegistryRequest {
  readonly method: string
  /** With the query. */
  readonly url: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** Called for every request before it is served. */
export type FaultHook = (request: RegistryRequest) => RegistryFault | undefined

/** An answer of the registry, before a fault changes it. */
export interface RegistryAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

/** Sends the answer as the fault wants it. */
export async function sendAnswer(
  response: ServerResponse,
  answer: RegistryAnswer,
  options: { readonly fault: RegistryFault | undefined; readonly isHead: boolean },
): Promise<void> {
  const { fault = {}, isHead } = options
  const body = fault.body ?? answer.body ?? ''
  const headers: Record<string, string> = { ...answer.headers, ...fault.headers }
  const isEndless = body === 'endless'
  const bytes = isEndless ? Buffer.alloc(65_536) : Buffer.from(body as string)
  if (!isEndless && headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) {
    headers['content-length'] = String(bytes.length)
  }
  for (const [name, value] of Object.entries(headers)) if (value === '') delete headers[name]
  response.writeHead(fault.status ?? fault.statusAfter ?? answer.status, headers)
  if (isHead) {
    response.end()
    return
  }
  if (isEndless) return sendEndless(response, bytes)
  const stop = fault.cutAt ?? fault.stallAt
  if (stop === undefined || stop > bytes.length) {
    response.end(bytes)
    return
  }
  response.flushHeaders()
  const sent = new Promise<void>((resolve) => response.write(bytes.subarray(0, stop), () => resolve()))
  if (stop > 0) await sent
  // Left open: whoever waits must give up by itself.
  if (fault.cutAt !== undefined) response.destroy()
}

async function sendEndless(response: ServerResponse, bytes: Buffer): Promise<void> {
  const closed = once(response, 'close')
  while (!response.destroyed) {
    if (!response.write(bytes)) await Promise.race([once(response, 'drain'), closed])
  }
}
