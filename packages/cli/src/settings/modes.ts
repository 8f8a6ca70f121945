/** `full` syncs every commit to the disk; `none` leaves that to the system (a store that may be lost in a power cut). */
export const DURABILITIES = ['full', 'none'] as const
export type Durability = (typeof DURABILITIES)[number]

export const PROGRESS_MODES = ['auto', 'tty', 'plain', 'rawjson', 'quiet'] as const
export type ProgressMode = (typeof PROGRESS_MODES)[number]
