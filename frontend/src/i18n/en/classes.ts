/**
 * Classes, flags, states and kinds of work by their stored value, as the start of a label. What a dataset names otherwise
 * is shown as the dataset writes it.
 */
export const classes = {
  female: 'Female',
  male: 'Male',
  unsure: 'Unsure',
  asian: 'Asian',
  black: 'Black',
  white: 'White',
  indian: 'Indian',
  latino: 'Latino',
  hispanic: 'Hispanic',
  caucasian: 'Caucasian',
  middle_eastern: 'Middle eastern',
  east_asian: 'East asian',
  southeast_asian: 'Southeast asian',
  other: 'Other',
  occluded: 'Occluded',
  blurred: 'Blurred',
  profile: 'Profile',
  not_a_face: 'Not a face',
  annotate: 'Annotate',
  check: 'Check',
  adjudicate: 'Adjudicate',
  sweep: 'Sweep',
  waiting: 'Waiting',
  checking: 'Checking',
  disputed: 'Disputed',
  accepted: 'Accepted',
  rejected: 'Rejected',
  too_small: 'Too small',
} as const;
