import { CooperageError } from '@cooperage/store/errors'
import { type Credential, keepCredential } from '@cooperage/store/registry'
import type { Invocation } from '../invocation.js'
import { openStdin } from '../open-stdin.js'
import { readLimited } from '../read-limited.js'
import { askLine, askSecret } from '../registry/ask-person.js'
import { withRegistry } from '../registry/open-registry.js'
import { registryHost } from '../registry/registry-host.js'
import { escapeLine } from '../render/escape.js'

const LONGEST_PASSWORD = 64 * 1024

/** `cooper login [REGISTRY]`: nothing is kept that the registry did not take. */
export async function run(invocation: Invocation): Promise<void> {
  const { flags, operands, terminal, env, signal } = invocation
  const host = registryHost(operands[0])
  const credential = await credentialOf(invocation, host)
  const isInsecure = flags.given('tls-verify') && !flags.on('tls-verify')
  const answer = await withRegistry(invocation, isInsecure ? [host] : [], ({ client }) =>
    client.login(host, credential, { signal }),
  )
  const { username } = credential
  const kept: Credential =
    answer.identityToken === undefined
      ? credential
      : { kind: 'identity', username, token: answer.identityToken }
  const uid = process.getuid?.()
  const place = await keepCredential(host, kept, {
    environment: env,
    signal,
    ...(uid === undefined ? {} : { uid }),
  })
  if (place.helper === undefined) {
    const what = kept.kind === 'password' ? 'the password' : 'the token'
    terminal.say(
      `note: ${what} is kept unencrypted in ${escapeLine(place.file)}; a credential helper would hide it\n`,
    )
  }
  if (env.DOCKER_AUTH_CONFIG) {
    terminal.say('note: what DOCKER_AUTH_CONFIG says of a registry counts before what is kept\n')
  }
  await terminal.print('Login Succeeded\n')
}

type Password = Extract<Credential, { kind: 'password' }>

async function credentialOf(invocation: Invocation, host: string): Promise<Password> {
  const { flags, terminal, signal } = invocation
  const fromStdin = flags.on('password-stdin')
  const given = flags.text('password')
  if (fromStdin && given !== undefined) {
    throw new CooperageError('E_CLI', '--password and --password-stdin say different things')
  }
  const canAsk = terminal.stdin.isTTY === true && !fromStdin
  const username =
    flags.text('username') ?? (canAsk ? await askLine(terminal, `Username for ${host}: `, signal) : undefined)
  if (username === undefined || username === '') {
    throw new CooperageError('E_CLI', 'no user name was given', { hint: 'give it with --username' })
  }
  const password = fromStdin
    ? await readPassword(invocation)
    : (given ?? (canAsk ? await askSecret(terminal, 'Password: ', signal) : undefined))
  if (password === undefined || password === '') {
    throw new CooperageError('E_CLI', 'no password was given', {
      hint: 'pipe it in with --password-stdin, or run the command on a terminal to be asked for it',
    })
  }
  return { kind: 'password', username, password }
}

async function readPassword({ terminal, signal }: Invocation): Promise<string> {
  const bytes = await readLimited(openStdin(terminal, signal), LONGEST_PASSWORD, 'the password on stdin')
  return bytes.toString('utf8').replace(/\r?\n$/, '')
}
