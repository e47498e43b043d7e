import type { problems as english } from '../en/problems';
import type { Translated } from '../types';

export const problems: Translated<typeof english> = {};
