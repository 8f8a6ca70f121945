import { Authorizer } from './auth/authorizer.js'
import type { Credential } from './credential.js'
import type { Endpoint } from './endpoint.js'
import type { Call } from './transport/call.js'
import type { Network } from './transport/network.js'
import { mediaTypeOf } from './transport/read-body.js'
import { registryError } from './transport/registry-error.js'
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
  const { response } = await server.ask({ method: 'GET', target: '', asked: 'login' }, call)
  response.discard()
  if (mediaTypeOf(response) === 'text/html') {
    throw registryError('E_REG_NOT_A_REGISTRY', {
      host: server.host,
      problem: 'the answer to a login is a web page',
    })
  }
  const identityToken = await authorizer.identityToken()
  return identityToken === undefined ? {} : { identityToken }
}
