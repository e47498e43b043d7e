import type { labelling as english } from '../en/labelling';
import type { Translated } from '../types';

export const labelling: Translated<typeof english> = {
  age: '外观年龄',
  ageInYears: '外观年龄（岁）',
  ageDigits: '输入两位数字',
  ageAgain: '重新输入',
  ageNone: '未给出',
  ageEstimate: '岁，你自己的估计',
  ageOwn: '岁，属于 {{bracket}}',
  ageHidden: '他人的答案不显示',
  ageNotAsked: '因标记而无需回答',
  ageSpoken_other: '{{count}} 岁，属于 {{bracket}}',
};
