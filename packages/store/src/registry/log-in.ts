import { CooperageError, isCooperageError } from '../errors.js'
import { Authorizer } from './auth/authorizer.js'
import type { Credential } from './credential.js'
import type { Endpoint } from './endpoint.js'
import type { Call } from './transport/call.js'
import { checkIsRegistry } from './transport/check-is-registry.js'
import type { Network } from './transport/network.js'
import { Server } from './transport/server.js'

export interface LogInOptions {
  readonly endpoint: Endpoint
  readonly credential: Credential
  readonly network: Network
  readonly call: Call
}

/** Asks the base of the API with this credential and no other (distribution-spec, "Determining Support"). */
export async function logIn(options: LogInOptions): Promise<{ readonly identityToken?: string }> {
  const { endpoint, credential, network, call } = options
  const authorizer = new Authorizer({
    network,
    credentials: async () => credential,
    offline: true,
    signal: call.signal,
  })
  const server = new Server({ ...endpoint, repository: '' }, { network, authorizer })
  const { response } = await server.ask({ method: 'GET', target: '', asked: 'login' }, call).catch(refused)
  response.discard()
  checkIsRegistry(response, { host: server.host, asked: 'login' })
  const identityToken = await authorizer.identityToken()
  return identityToken === undefined ? {} : { identityToken }
}

/** Elsewhere the advice is to log in. */
function refused(error: unknown): never {
  if (!isCooperageError(error) || error.code !== 'E_REG_DENIED') throw error
  throw new CooperageError(error.code, error.message, {
    category: error.category,
    hint: 'the user name or the password is wrong; some registries want an access token for a password',
    data: error.data,
    cause: error.cause,
  })
}
