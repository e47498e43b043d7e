export const guide = {
  title: 'Labelling guide',
  open: 'Guide',
  find: 'Find in the guide',
  nothingFound: 'Nothing in the guide says that. Try another word, or ask about the face.',
  found_one: '{{count, number}} section',
  found_other: '{{count, number}} sections',
  right: 'Right',
  wrong: 'Wrong',
  failed: 'What this dataset adds could not be fetched; the rest of the guide is complete.',

  box: 'Box',
  boxText: 'Tight over forehead, chin and cheeks. Hair, ears, hat and neck stay outside.',
  boxRight: 'Forehead to chin, cheek to cheek.',
  boxLoose: 'Hair, ears and neck are inside.',
  boxTight: 'Chin and forehead are cut.',
  boxTolerance:
    'Two people agree where their boxes overlap by {{percent}} or more (intersection over union).',

  points: 'Landmarks',
  pointsText:
    'Sixty-eight points in five regions. Each lies on the edge that you see: the outline of the jaw, the rim of the lids, the red of the lips.',
  pointsRight: 'On the edge, evenly spaced along each curve.',
  pointsLow: 'The jaw hangs below the chin, on the neck.',
  pointsTolerance:
    'Two people agree where their points lie within {{percent}} of the face’s size on average.',

  hidden: 'Covered points',
  hiddenText:
    'A point that is covered, but whose place you know, goes where it must be and is marked hidden. A point that you cannot place at all is removed.',
  hiddenRight: 'The mouth goes on under the hand; those points are hidden (hollow).',
  hiddenWrong: 'The mouth was squeezed in beside the hand.',

  turned: 'Turned faces',
  turnedText:
    'On a turned face the far side of the jaw follows the outline that you see. The nose tip and the far eye move towards it.',
  turnedRight: 'The far jaw lies on the visible outline.',
  turnedWrong: 'The far jaw floats in the background, where the covered side would be.',

  flags: 'Flags',
  flagsText: 'A flag says why labels are absent. What it takes away is not asked.',
  flagOccluded: 'So much is covered that the face cannot be recognised.',
  flagBlurred: 'So blurred or dark that the face cannot be recognised.',
  flagProfile: 'One side of the face cannot be seen.',
  flagNotAFace: 'A false detection: a pattern, an object, the back of a head.',
  takesAway: 'Takes away: {{labels}}.',
  takesAll: 'Only the box stays.',
  takesNothing: 'Takes nothing away.',

  size: 'Small faces',
  sizeText:
    'A face is labelled if the smaller side of its box is more than {{px, number}} px. Others are set aside as too small when you save.',
  sizeShown: 'The same face above and below the limit.',

  age: 'Apparent age',
  ageText:
    'How old does this person look to you? Not how old they are. Two digits, your first impression of the whole face.',
  ageBlind:
    'Nobody’s age is shown to you, and yours to nobody: the dataset keeps the mean over people. Do not look it up, even if you know the person.',

  words: 'Gender and ethnicity',
  wordsText: 'As the person appears. One key each; “{{unsure}}” is an answer.',
  genders: 'Gender: {{values}}.',
  ethnicities: 'Ethnicity: {{values}}.',
  wordsBlind: 'In checks these are given without seeing anybody’s: {{labels}}.',

  checks: 'What happens next',
  checksText_one: '{{count, number}} other person checks each face.',
  checksText_other: '{{count, number}} other people check each face.',
  checksNone: 'Nobody checks the faces of this dataset again: what you save is accepted.',
  checksDiffer: 'Where people differ by more than the policy allows, an adjudicator decides.',
  checksAgain:
    'Where people differ by more than the policy allows, others look again and the majority counts.',

  own: 'In this dataset',
  examples: 'Pictures of this dataset',
  showLabels: 'Show the labels',

  landmarks: 'landmarks',
  theAge: 'age',
  gender: 'gender',
  ethnicity: 'ethnicity',

  sketchFace: 'A drawn face with a box: {{caption}}',
} as const;
