const NAMES = ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY', 'ALL_PROXY']

/** Proxy settings among the build arguments, as `NAME=value` in both cases: programs disagree on which they read. Empty ones are none. */
export function proxyVariables(buildArgs: ReadonlyMap<string, string>): string[] {
  const found = new Map<string, string>()
  for (const [name, value] of buildArgs) {
    if (NAMES.includes(name.toUpperCase())) found.set(name.toUpperCase(), value)
  }
  return NAMES.flatMap((name) => {
    const value = found.get(name)
    return value === undefined || value === '' ? [] : [`${name}=${value}`, `${name.toLowerCase()}=${value}`]
  })
}
