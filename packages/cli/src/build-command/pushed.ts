import { type OutputSpec, parseOutput } from '@cooperage/builder'

/** `--push`, as docker buildx reads it: images among the outputs are pushed, and without one the result is. */
export function pushed(specs: readonly OutputSpec[]): readonly OutputSpec[] {
  if (!specs.some((spec) => spec.kind === 'image')) return [...specs, parseOutput('type=registry')]
  return specs.map((spec) => (spec.kind === 'image' ? { ...spec, push: true } : spec))
}
