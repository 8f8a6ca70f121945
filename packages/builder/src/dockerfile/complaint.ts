import type { ErrorCode } from '@cooperage/store'

/**
 * What is wrong with an instruction, before anyone knows where it stands. Never leaves this package: whoever
 * knows the place makes a `CooperageError` of it.
 */
export class Complaint extends Error {
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly data: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, message: string, details: ComplaintDetails = {}) {
    super(message)
    this.name = 'Complaint'
    this.code = code
    this.hint = details.hint
    this.data = details.data ?? {}
  }
}

export interface ComplaintDetails {
  readonly hint?: string | undefined
  readonly data?: Readonly<Record<string, unknown>>
}
