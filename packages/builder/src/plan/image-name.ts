/** A name of an image in full, or what is wrong with it. */
export type ImageName =
  | {
      /** With registry, repository, and `:latest` where neither tag nor digest was written. */
      readonly reference: string
    }
  | { readonly error: string }

const COMPONENT = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const DOMAIN = `(?:${COMPONENT}(?:\\.${COMPONENT})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`
const PATH = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const TAG = '[\\w][\\w.-]{0,127}'
const DIGEST = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}'
const REFERENCE = new RegExp(
  `^(?:${DOMAIN}/)?(?<path>${PATH}(?:/${PATH})*)(?::(?<tag>${TAG}))?(?:@(?<digest>${DIGEST}))?$`,
)
const DIGEST_LENGTHS: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 }

/** Completes the name of an image as Docker does: `alpine` is `docker.io/library/alpine:latest`. */
export function parseImageName(text: string): ImageName {
  if (/^[a-f0-9]{64}$/.test(text)) {
    return { error: `invalid repository name (${text}), cannot specify 64-byte hexadecimal strings` }
  }
  const [domain, rest] = splitDomain(text)
  const repository = rest.split(':', 1)[0]!
  if (repository.toLowerCase() !== repository) {
    return { error: `invalid reference format: repository name (${repository}) must be lowercase` }
  }
  const parts = REFERENCE.exec(`${domain}/${rest}`)?.groups
  if (parts === undefined) return { error: 'invalid reference format' }
  if (parts.path!.length > 255) return { error: 'repository name must not be more than 255 characters' }
  const wrong = parts.digest === undefined ? undefined : digestError(parts.digest)
  if (wrong !== undefined) return { error: wrong }
  const tagged = parts.tag !== undefined || parts.digest !== undefined
  return { reference: `${domain}/${rest}${tagged ? '' : ':latest'}` }
}

/** What stands before the first `/` is a registry only when it could not be a folder of Docker Hub. */
function splitDomain(text: string): readonly [domain: string, rest: string] {
  const at = text.indexOf('/')
  const first = text.slice(0, Math.max(at, 0))
  const isDomain = at !== -1 && (/[.:]/.test(first) || first === 'localhost' || first.toLowerCase() !== first)
  const domain = isDomain && first !== 'index.docker.io' ? first : 'docker.io'
  const rest = isDomain ? text.slice(at + 1) : text
  return [domain, domain === 'docker.io' && !rest.includes('/') ? `library/${rest}` : rest]
}

function digestError(digest: string): string | undefined {
  const [algorithm = '', encoded = ''] = digest.split(':')
  if (!/^[a-z0-9]+(?:[.+_-][a-z0-9]+)*$/.test(algorithm)) return 'invalid checksum digest format'
  const length = DIGEST_LENGTHS[algorithm]
  if (length === undefined) return 'unsupported digest algorithm'
  if (encoded.length !== length) return 'invalid checksum digest length'
  return /^[a-f0-9]+$/.test(encoded) ? undefined : 'invalid checksum digest format'
}
