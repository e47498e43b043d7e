import type { safety as english } from '../en/safety';
import type { Translated } from '../types';

export const safety: Translated<typeof english> = {
  item: '条目 {{id}}',
  face: '人脸 {{id}}',
  photograph: '照片 {{id}}',
  wasNotSaved: '{{subject}}未保存。{{reason}}',
  notSaved: '未保存。{{reason}}',
  keptAsDraft: '{{refusal}} 你在上面所做的工作已保留为草稿。',
  comesBackNext: '你提交的{{subject}}被拒绝，它将作为下一个返回。',
  read: '我已阅读',
  saved: '已保存',
  saving: '正在保存',
  offline: '离线',
  offlineWaiting: '离线，{{n, number}} 项待发送',

  draftRestored: '已恢复{{ago}}的草稿。',
  interrupted: '页面在拖动过程中被关闭：你看到的是那次拖动之前的状态，更早的工作都在。',
  takenBack: '已收回：在你再次保存之前，上次的保存不再计数。其间其他人不会得到这张人脸。',
  discard: '放弃草稿',
  leaseLost:
    '它已不在你手中：时间用完后交给了别人，或者你已在别处完成。你所做的不会丢失：保存会把你的标注留给裁决者。',
  saveAnyway: '仍然保存',
  leaveIt: '不再处理',
  otherDraft: '你{{ago}}也在另一个标签页或另一台电脑上处理过它。两者都不会被覆盖：请选择继续使用哪一个。',
  takeOther: '使用另一个',
  keepThis: '保留这个',
  chooseDraft: '请先选择：另一个草稿，或者这一个。',
  theirs: '在你工作期间，{{author}}保存了这张人脸的另一个版本。你的版本尚未存储。另一个版本以橙色绘出。',
  takeTheirs: '采用对方的',
  keepMine: '保留我的',

  storageFull: '此浏览器的存储空间已满：无法保留你的工作副本。',
  storageBlocked: '此浏览器无法保留你的工作副本（{{detail}}）。',
  serverHasIt: '服务器仍会收到全部内容；关闭标签页前请等到出现“已保存”。',
  nowhereElse:
    '服务器也无法连接，因此你最新的工作只在此标签页中。请保持标签页打开，直到连接恢复；可关闭其他网站或删除文件以腾出空间。',

  openInOtherTab: '你在 {{dataset}} 中的工作已在另一个标签页中打开',
  otherTabMeans: '一次只用一个标签页，以免互相覆盖。如果在这里继续，另一个标签页会保存草稿并停止。',
  movedToOtherTab: '你在 {{dataset}} 中的工作已转到另一个标签页',
  movedMeans: '在这里所做的一切都已保留，另一个标签页已接着进行。',
  workHere: '改在这里工作',
  askingOtherTab: '另一个标签页正在保存……',
  allDatasets: '所有数据集',

  heldDone: '没有连接，而且你手中的都已完成',
  heldDoneWaiting_other:
    '有 {{count, number}} 项保存在此浏览器中等待。连接恢复后会自动按顺序发送，随后会出现下一批人脸。',
  heldDoneNothing: '全部已保存。连接恢复后会出现下一批人脸。',
};
