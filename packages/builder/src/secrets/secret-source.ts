/** Gives the secrets of a build to whoever needs one: a mount of RUN, a request to a server, git. */
export interface SecretSource {
  /**
   * The value, whole; read when first asked for, and the same from then on. Undefined: the build was given no such
   * secret. Whoever asks must not change the bytes. @throws E_SECRET_MISSING, E_SECRET_FILE, E_SECRET_SIZE
   */
  get(id: string, signal?: AbortSignal): Promise<Uint8Array | undefined>
}

export const NO_SECRETS: SecretSource = { get: async () => undefined }
