/** What `--ssh` says of an agent. */
export interface SshSpec {
  readonly id: string
  /** The socket of an agent, or files with private keys; empty = the agent that SSH_AUTH_SOCK names. */
  readonly paths: readonly string[]
}

/** Reads an agent as `docker buildx build --ssh` writes it: `default`, `default=SOCKET`, `ID=KEY[,KEY]`. */
export function parseSsh(text: string): SshSpec {
  const at = text.indexOf('=')
  const id = at === -1 ? text : text.slice(0, at)
  const paths = at === -1 ? [] : text.slice(at + 1).split(',')
  return { id: id === '' ? 'default' : id, paths: paths.length === 1 && paths[0] === '' ? [] : paths }
}
