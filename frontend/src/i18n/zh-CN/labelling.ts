import type { labelling as english } from '../en/labelling';
import type { Translated } from '../types';

export const labelling: Translated<typeof english> = {};
