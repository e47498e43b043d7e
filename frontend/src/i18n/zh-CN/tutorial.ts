import type { tutorial as english } from '../en/tutorial';
import type { Translated } from '../types';

export const tutorial: Translated<typeof english> = {};
