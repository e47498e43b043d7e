export const labelling = {} as const;
