import { CooperageError } from '@cooperage/store'

const LIMIT = 16 * 1024 * 1024

/**
 * Bounds what a plan may hold: a short Dockerfile can ask for a history or environments of any size, for example
 * with many `EXPOSE 0-65535`. Counted in characters over all stages.
 */
export class Budget {
  #left = LIMIT

  /** @throws E_LIMIT, without a location */
  spend(characters: number): void {
    this.#left -= characters
    if (this.#left >= 0) return
    throw new CooperageError('E_LIMIT', `the plan of this build is larger than ${LIMIT} characters`, {
      hint: 'history and environments grow with every ENV, ARG, EXPOSE and FROM: use fewer of them',
      data: { limit: LIMIT },
    })
  }
}
