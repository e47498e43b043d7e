import type { home as english } from '../en/home';
import type { Translated } from '../types';

export const home: Translated<typeof english> = {};
