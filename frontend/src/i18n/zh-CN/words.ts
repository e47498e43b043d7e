import type { words as english } from '../en/words';
import type { Translated } from '../types';

export const words: Translated<typeof english> = {};
