import type { safety as english } from '../en/safety';
import type { Translated } from '../types';

export const safety: Translated<typeof english> = {
  item: '条目 {{id}}',
  face: '人脸 {{id}}',
  photograph: '照片 {{id}}',
  wasNotSaved: '{{subject}}未保存。{{reason}}',
  keptAsDraft: '{{refusal}} 您所做的工作已保留为草稿。',
  comesBackNext: '您提交的{{subject}}被拒绝，将作为下一个返回。',
};
