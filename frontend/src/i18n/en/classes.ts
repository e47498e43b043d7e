/** The classes and flags that policies usually have, by their value; what a dataset names otherwise is shown as it is. */
export const classes = {
  female: 'Female',
  male: 'Male',
  unsure: 'Unsure',
  occluded: 'Occluded',
  blurred: 'Blurred',
  profile: 'Profile',
  not_a_face: 'Not a face',
} as const;
