import { CooperageError, type SourceLocation } from '@cooperage/store'

/** The error of a RUN that the target needs. */
export function runUnsupported(run: {
  readonly text: string
  readonly location: SourceLocation
}): CooperageError {
  return new CooperageError(
    'E_NO_EXECUTOR',
    `this version executes no RUN, and the image needs the one on line ${run.location.line}: ${run.text}`,
    {
      category: 'sandbox',
      location: run.location,
      hint:
        'build that stage with another tool, save it as an OCI layout and bring it in under the name of the stage ' +
        'with --build-context NAME=oci-layout://PATH, or choose a --target that needs no RUN',
    },
  )
}
