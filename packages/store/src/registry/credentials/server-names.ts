/** Under which Docker keeps what belongs to docker.io. */
const HUB_KEY = 'https://index.docker.io/v1/'
const HUB = 'docker.io'
const HUB_HOSTS: ReadonlySet<string> = new Set([HUB, 'index.docker.io', 'registry-1.docker.io'])

/** `registry.lan:5000/team/app` and all that it lies in, the longest first: a host is the last. */
export function namesAbove(repository: string): string[] {
  const names: string[] = []
  for (let end = repository.length; end > 0; end = repository.lastIndexOf('/', end - 1)) {
    names.push(repository.slice(0, end))
  }
  return names
}

/** The host, and perhaps port, of a repository's name. */
export function hostOf(repository: string): string {
  const slash = repository.indexOf('/')
  return slash < 0 ? repository : repository.slice(0, slash)
}

/** What a helper program is asked for. */
export function serverOf(host: string): string {
  return HUB_HOSTS.has(host) ? HUB_KEY : host
}

/**
 * The name that a key of `auths` or `credHelpers` stands for. Old versions of `docker login` wrote whole URLs, and
 * docker.io goes by several names.
 */
export function nameOfKey(key: string): string {
  const scheme = /^https?:\/\//i.exec(key)?.[0]
  // The path of a URL is that of an API; without a scheme it is a namespace, unless it looks like that of an API.
  const name = scheme === undefined ? key.replace(/\/(?:v[12]\/?)?$/, '') : hostOf(key.slice(scheme.length))
  const host = hostOf(name)
  return HUB_HOSTS.has(host) ? `${HUB}${name.slice(host.length)}` : name
}
