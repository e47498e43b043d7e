import type { common as english } from '../en/common';
import type { Translated } from '../types';

export const common: Translated<typeof english> = {
  listSeparator: '、',
  cancel: '取消',
  close: '关闭',
  save: '保存',
  tryAgain: '重试',
  ages_other: '{{count, number}} 岁',
};
