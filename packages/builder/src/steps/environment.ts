/** Name and value of an entry of `Config.Env`; one without `=` has an empty value. */
export function splitVariable(entry: string): readonly [name: string, value: string] {
  const at = entry.indexOf('=')
  return at === -1 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)]
}

/** A list with the variable set: in its place when it is there, else at the end. */
export function setVariable(list: readonly string[], name: string, value: string): string[] {
  const at = list.findIndex((entry) => splitVariable(entry)[0] === name)
  const entry = `${name}=${value}`
  return at === -1 ? [...list, entry] : list.with(at, entry)
}
