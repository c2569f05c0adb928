// Without members, yet of the same form as the others.
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
export interface CiSyncGeneratorSchema {}
