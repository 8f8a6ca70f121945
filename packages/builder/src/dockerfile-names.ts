/** What a Dockerfile is called when nobody says so, in the order in which it is looked for. */
export const DOCKERFILE_NAMES: readonly string[] = ['Dockerfile', 'dockerfile']
