import { envMap } from './env-map.js'

/** Values of variables: by name, or as a list of `NAME=value` in which the last of a name wins. */
export type Environment =
  | ReadonlyMap<string, string>
  | Readonly<Record<string, string | undefined>>
  | readonly string[]

/** How to ask an environment for a value. */
export function lookUpIn(environment: Environment): (name: string) => string | undefined {
  if (isList(environment)) return lookUpIn(envMap(environment))
  if (isMap(environment)) return (name) => environment.get(name)
  return (name) => (Object.hasOwn(environment, name) ? environment[name] : undefined)
}

function isList(environment: Environment): environment is readonly string[] {
  return Array.isArray(environment)
}

function isMap(environment: Environment): environment is ReadonlyMap<string, string> {
  return environment instanceof Map
}
