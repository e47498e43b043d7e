/** The habits of the person at this browser: one object for every face. */

import { preferences } from './ownPreferences';
import { PointHabits } from './pointHabits';

export const pointHabits = new PointHabits(preferences);
