export const shape = {} as const;
