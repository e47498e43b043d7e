import type { server as english } from '../en/server';
import type { Translated } from '../types';

export const server: Translated<typeof english> = {
  disputedForOthers: '有争议的人脸由仲裁者和管理员决定；你有其他工作可做。',
  otherKinds: '没有这一类待处理的内容；有其他类别的工作。',
  allDone: '没有待处理的内容：已分发的全部完成。',
  noneForYou:
    '还有 {{what}} 项未完成，但现在没有给你的：你处理过、跳过了，或由他人占用或负责。其余须由他人完成。',
  paused: '你在这里被暂停：{{reason}} 请向 {{names}} 询问如何继续；草稿会保留。',
  othersBehind:
    '其他人还没跟上（{{ahead}}）。该数据集平均分配工作；等他们跟上，或他们 {{minutes}} 分钟没有操作后，就会有更多给你。',
  leaseLost: '你不再占用这一项。没有任何改动：请取下一项。',
  lateKept: '你的占用已过期，这张人脸已由他人继续。你的版本另行保留，仲裁者可以看到；不计为一遍。',
  skippedMany: '你跳过了 {{n}} 项仍未完成的内容。请让管理员查看，或标注这一项。',
  skipReason: '请用几个字说明为什么跳过。',
  noFaceSeen: '{{model}} 认为这里没有人脸：请确认。',
  detectorsDiffer: '两个检测器画的框不同（IoU {{overlap}}，介于 0.3 和 0.7）：请检查框，若包含两张脸请分开。',
  pointsLie: '你的{{region}}关键点平均{{where}}。',
  wrongPassword: '用户名和密码不匹配。请检查后重试。',
  tooManyAttempts: '密码错误次数过多。请在 {{minutes}} 分钟后重试。',
  notHere: '没有这个内容，或你不是其数据集的成员。',
  databaseDown: '暂时无法连接数据库。请稍后重试：重复提交只保存一次。',
  tokenNameTaken: '你已有名为 {{name}} 的令牌：请先吊销它。',
  openQuestions: '关于这张人脸你有 {{n}} 个未答的提问：请等待回答。',
  notYourFace: '你只能就自己正在处理或处理过的人脸提问和回答。',
};
