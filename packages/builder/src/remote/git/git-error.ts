import { CooperageError, type ErrorCode } from '@cooperage/store'

/** What git wrote to stderr, without user and password of any URL in it. */
function withoutSecrets(text: string): string {
  return text.replace(/([a-z+]+:\/\/)[^\s/@']*@/gi, '$1***@')
}

const KINDS: readonly { readonly code: ErrorCode; readonly words: RegExp; readonly hint: string }[] = [
  {
    code: 'E_GIT_REDIRECT',
    words: /returned error: 30[12378]/,
    hint: 'name the URL that the server redirects to',
  },
  {
    code: 'E_GIT_AUTH',
    words:
      /could not read (?:Username|Password)|Authentication failed|terminal prompts disabled|Permission denied|Host key verification failed|returned error: 40[13]/i,
    hint: 'nobody is asked for a password: give --secret id=GIT_AUTH_TOKEN,env=…, or use an SSH key that an agent holds and a host that is known',
  },
  {
    code: 'E_GIT_NOT_FOUND',
    words:
      /repository .*not found|does not appear to be a git repository|access denied or repository not exported|returned error: 404/i,
    hint: 'check the URL; a private repository may answer so as well',
  },
  {
    code: 'E_GIT_CONNECT',
    words:
      /could not resolve host|unable to connect|connection refused|failed to connect|connection timed out|network is unreachable|unable to access/i,
    hint: 'check the URL, and that the server can be reached from this machine',
  },
]

/** The error of a git command that failed. */
export function gitError(remote: string, stderr: string): CooperageError {
  const text = withoutSecrets(stderr)
    // ssh ends its lines with CR LF, whatever stderr is.
    .split(/\r*\n/)
    .filter((line) => /^(?:fatal|error|remote|ssh):|denied|refused/i.test(line))
    .slice(-3)
    .join('; ')
    .slice(0, 500)
  const kind = KINDS.find(({ words }) => words.test(stderr))
  return aboutRemote(kind?.code ?? 'E_GIT_FAILED', remote, {
    problem: text === '' ? 'git failed' : text,
    ...(kind !== undefined && { hint: kind.hint }),
  })
}

const OF_THE_USER = new Set<ErrorCode>([
  'E_GIT_REF',
  'E_GIT_SUBDIR',
  'E_GIT_SUBMODULE',
  'E_GIT_TREE',
  'E_GIT_UNSERVED',
])

/** An error about a repository. */
export function aboutRemote(
  code: ErrorCode,
  remote: string,
  details: {
    readonly problem: string
    readonly hint?: string
    readonly data?: Readonly<Record<string, unknown>>
  },
): CooperageError {
  const shown = withoutSecrets(remote)
  const { problem, hint, data } = details
  return new CooperageError(code, `${shown}: ${problem}`, {
    category: OF_THE_USER.has(code) ? 'user' : 'network',
    ...(hint !== undefined && { hint }),
    data: { remote: shown, ...data },
  })
}
