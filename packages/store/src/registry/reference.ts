import { CooperageError } from '../errors.js'

/** The name of an image, in full. */
export interface Reference {
  /**
   * Host and perhaps port: `docker.io`, `localhost:5000`, `[::1]:5000`. Empty in the odd case that the first component
   * looks like a host and is none, as in `ho_st.com/a`: such a name can be given to an image but not pulled.
   */
  readonly domain: string
  /** Repository below the domain: `library/ubuntu`. */
  readonly path: string
  readonly tag?: string
  /** As written: `sha256`, `sha384` or `sha512`, length checked. Stores take only those that `parseDigest` takes. */
  readonly digest?: string
  /** As a person writes it: without `docker.io` and `library/`. */
  readonly familiar: string
  /** In full: `docker.io/library/ubuntu:22.04`. */
  toString(): string
}

const DEFAULT_DOMAIN = 'docker.io'
const LEGACY_DOMAIN = 'index.docker.io'
const OFFICIAL = 'library/'
const LONGEST_PATH = 255
/** Hexadecimal digits of each algorithm. */
const DIGEST_LENGTHS: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 }

// The grammar of distribution/reference. Every repetition starts with a character its neighbours cannot start with,
// so matching does not backtrack.
const LABEL = '[a-zA-Z0-9]+(?:-+[a-zA-Z0-9]+)*'
const DOMAIN = `(?:${LABEL}(?:\\.${LABEL})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`
const COMPONENT = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const ALGORITHM = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*'
const SHAPE = new RegExp(
  `^(?:(${DOMAIN})/)?(${COMPONENT}(?:/${COMPONENT})*)(?::(\\w[\\w.-]{0,127}))?(?:@(${ALGORITHM}:[0-9a-fA-F]{32,}))?$`,
)
const IDENTIFIER = /^[a-f0-9]{64}$/

/**
 * Reads the name of an image as Docker does: `ubuntu` is `docker.io/library/ubuntu`. Adds no tag.
 * @throws E_REF with Docker's message
 */
export function parseReference(text: string): Reference {
  if (IDENTIFIER.test(text)) {
    throw refuse(text, `invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`)
  }
  const { domain: host, rest } = splitDomain(text)
  const repository = rest.split(':', 1)[0]!
  if (repository.toLowerCase() !== repository) {
    throw refuse(text, `invalid reference format: repository name (${repository}) must be lowercase`)
  }
  const found = SHAPE.exec(`${host}/${rest}`)
  if (!found) throw refuse(text, 'invalid reference format')
  const [, domain, path, tag, digest] = found
  if (path!.length > LONGEST_PATH) {
    throw refuse(text, `repository name must not be more than ${LONGEST_PATH} characters`)
  }
  if (digest !== undefined) checkDigest(text, digest)
  return reference({ domain: domain ?? '', path: path!, tag, digest })
}

/** The same image with the tag `latest` when it has neither tag nor digest. */
export function withDefaultTag(named: Reference): Reference {
  if (named.tag !== undefined || named.digest !== undefined) return named
  return reference({ domain: named.domain, path: named.path, tag: 'latest', digest: undefined })
}

/** The same name with this digest. */
export function withDigest(named: Reference, digest: string): Reference {
  return reference({ domain: named.domain, path: named.path, tag: named.tag, digest })
}

function reference(parts: {
  domain: string
  path: string
  tag: string | undefined
  digest: string | undefined
}): Reference {
  const { domain, path, tag, digest } = parts
  const suffix = `${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`
  return {
    domain,
    path,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
    familiar: `${familiarName(domain, path)}${suffix}`,
    toString: () => `${domain === '' ? '' : `${domain}/`}${path}${suffix}`,
  }
}

function familiarName(domain: string, path: string): string {
  if (domain === '') return path
  if (domain !== DEFAULT_DOMAIN) return `${domain}/${path}`
  const short = path.startsWith(OFFICIAL) ? path.slice(OFFICIAL.length) : path
  return short.includes('/') ? path : short
}

/** Whether a name as written says in which registry it is: its first component could be no part of a repository's name. */
export function hasRegistry(text: string): boolean {
  const slash = text.indexOf('/')
  if (slash < 0) return false
  const first = text.slice(0, slash)
  return first === 'localhost' || /[.:]/.test(first) || first.toLowerCase() !== first
}

function splitDomain(text: string): { domain: string; rest: string } {
  const slash = text.indexOf('/')
  if (slash < 0) return { domain: DEFAULT_DOMAIN, rest: OFFICIAL + text }
  const first = text.slice(0, slash)
  const below = text.slice(slash + 1)
  const isHost = hasRegistry(text)
  const domain = !isHost || first === LEGACY_DOMAIN ? DEFAULT_DOMAIN : first
  const rest = isHost ? below : text
  return { domain, rest: domain === DEFAULT_DOMAIN && !rest.includes('/') ? OFFICIAL + rest : rest }
}

function checkDigest(text: string, digest: string): void {
  const colon = digest.indexOf(':')
  const hex = digest.slice(colon + 1)
  const length = DIGEST_LENGTHS[digest.slice(0, colon)]
  if (length === undefined) throw refuse(text, 'unsupported digest algorithm')
  if (hex.length !== length) throw refuse(text, 'invalid checksum digest length')
  if (/[A-F]/.test(hex)) throw refuse(text, 'invalid checksum digest format')
}

function refuse(text: string, message: string): CooperageError {
  const position = text.search(/[^\w.:/@+\-[\]]/)
  return new CooperageError('E_REF', message, {
    hint: 'a reference reads [host[:port]/]name[:tag][@digest], the name in lower case',
    data: { text: text.slice(0, 1000), ...(position < 0 ? {} : { position }) },
  })
}
