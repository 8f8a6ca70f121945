import { CooperageError, type SourceLocation } from '@cooperage/store'

/** The error of a stage whose FROM is a directory given as a named context. */
export function baseDirectoryError(name: string, location: SourceLocation): CooperageError {
  return new CooperageError(
    'E_DF_BASE_DIRECTORY',
    `the named context "${name}" is a directory: a stage cannot start from it`,
    {
      location,
      hint: `begin with FROM scratch, and bring it in with COPY --from=${name} . /`,
      data: { name },
    },
  )
}
