/** Nothing lost: drafts, connections, other tabs, refused saves. */
export const safety = {
  item: 'Item {{id}}',
  face: 'Face {{id}}',
  photograph: 'Photograph {{id}}',
  wasNotSaved: '{{subject}} was not saved. {{reason}}',
  keptAsDraft: '{{refusal}} Your work on it is kept as its draft.',
  comesBackNext: '{{subject}}, which you sent, was refused; it comes back as the next one.',
} as const;
