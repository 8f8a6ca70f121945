/** What a call tells while it works. Holds no credential, no token and no query of a URL; text of servers is escaped. */
export type RegistryEvent =
  | {
      readonly kind: 'progress'
      readonly direction: 'pull' | 'push'
      readonly digest: string
      /** Bytes so far, those of an earlier attempt included; goes back when an attempt begins anew. */
      readonly done: number
      /** In bytes, as the descriptor says. */
      readonly size: number
    }
  /** The end of one blob. `exists`: nothing had to be moved. `resumed`: only the rest was. */
  | {
      readonly kind: 'blob'
      readonly direction: 'pull' | 'push'
      readonly digest: string
      readonly size: number
      readonly outcome: 'exists' | 'moved' | 'resumed' | 'mounted'
      /** Host and port of the server; empty when none was asked. */
      readonly host: string
    }
  | {
      readonly kind: 'manifest'
      readonly direction: 'pull' | 'push'
      readonly digest: string
      readonly host: string
    }
  /** A try failed and another follows after `wait` milliseconds. */
  | {
      readonly kind: 'retry'
      readonly host: string
      readonly code: string
      readonly message: string
      /** The try that failed; the first is 1. */
      readonly tried: number
      readonly wait: number
    }
  /** A mirror did not help; the next server is asked. */
  | { readonly kind: 'passed-over'; readonly host: string; readonly code: string; readonly message: string }
  /** `Warning: 299` of a server, each text once a call; shown, never acted on (distribution-spec, "Warnings"). */
  | { readonly kind: 'warning'; readonly host: string; readonly message: string }

export type OnRegistryEvent = (event: RegistryEvent) => void
