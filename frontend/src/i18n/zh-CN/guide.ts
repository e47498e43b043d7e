import type { guide as english } from '../en/guide';
import type { Translated } from '../types';

export const guide: Translated<typeof english> = {
  title: '标注指南',
  open: '指南',
  find: '在指南中查找',
  nothingFound: '指南中没有相关内容。请换一个词，或就这张人脸提问。',
  found_other: '{{count, number}} 节',
  right: '正确',
  wrong: '错误',
  failed: '无法读取本数据集的补充说明；指南的其余部分是完整的。',

  box: '边框',
  boxText: '紧贴额头、下巴和两颊。头发、耳朵、帽子和脖子留在框外。',
  boxRight: '从额头到下巴，从一侧脸颊到另一侧。',
  boxLoose: '把头发、耳朵和脖子也框进去了。',
  boxTight: '下巴和额头被切掉了。',
  boxTolerance: '两个人的边框重叠（交并比）达到 {{percent}} 即视为一致。',

  points: '关键点',
  pointsText: '五个区域共 68 个点。每个点都落在看得见的边缘上：下颌轮廓、眼睑边缘、嘴唇的红色边界。',
  pointsRight: '落在边缘上，沿每条曲线均匀分布。',
  pointsLow: '下颌点落到了下巴以下的脖子上。',
  pointsTolerance: '两个人的点平均相差不超过人脸大小的 {{percent}} 即视为一致。',

  hidden: '被遮挡的点',
  hiddenText: '被遮挡但能判断位置的点，放在它应在的位置并标为“隐藏”。完全无法判断位置的点则删除。',
  hiddenRight: '嘴在手的后面继续；这些点标为隐藏（空心）。',
  hiddenWrong: '嘴被挤到了手的旁边。',

  turned: '侧转的脸',
  turnedText: '侧转的脸上，远侧下颌的点沿看得见的轮廓走。鼻尖和远侧的眼睛也向那一侧移动。',
  turnedRight: '远侧下颌点落在可见轮廓上。',
  turnedWrong: '远侧下颌点漂在背景里，停在被挡住的那一侧的位置。',

  flags: '标记',
  flagsText: '标记说明为什么没有某些标签。它排除的内容不再询问。',
  flagOccluded: '遮挡太多，无法辨认这张脸。',
  flagBlurred: '过于模糊或昏暗，无法辨认这张脸。',
  flagProfile: '脸的一侧看不见。',
  flagNotAFace: '误检：图案、物体、后脑勺。',
  takesAway: '排除：{{labels}}。',
  takesAll: '只保留边框。',
  takesNothing: '不排除任何内容。',

  size: '小脸',
  sizeText: '边框较短的一边大于 {{px, number}} 像素的人脸才标注。其余的在保存时按“过小”搁置。',
  sizeShown: '同一张脸：高于和低于这个界限。',

  age: '表观年龄',
  ageText: '这个人看上去多大？不是实际年龄。输入两位数字，凭对整张脸的第一印象。',
  ageBlind:
    '不会向您显示任何人给出的年龄，您的也不会显示给别人：数据集保存多人的平均值。即使认识这个人，也不要去查。',

  words: '性别与族裔',
  wordsText: '按外观判断。各按一个键；“{{unsure}}”也是一种答案。',
  genders: '性别：{{values}}。',
  ethnicities: '族裔：{{values}}。',
  wordsBlind: '核查时，以下内容需在看不到他人答案的情况下给出：{{labels}}。',

  checks: '接下来会怎样',
  checksText_other: '每张人脸由另外 {{count, number}} 个人核查。',
  checksNone: '本数据集的人脸不再由他人核查：您保存的内容即被接受。',
  checksDiffer: '分歧超出规则允许的范围时，由仲裁人决定。',
  checksAgain: '分歧超出规则允许的范围时，由更多的人再看，以多数为准。',

  own: '本数据集的说明',
  examples: '本数据集的图片',
  showLabels: '显示标签',

  landmarks: '关键点',
  theAge: '年龄',
  gender: '性别',
  ethnicity: '族裔',

  sketchFace: '带边框的示意人脸：{{caption}}',
};
