import { afterEach, describe, expect, it } from 'vitest';

import { chooseLanguage } from '../i18n';
import { ago } from './ago';
import { changesBetween } from './difference';
import { policy, wireLabels } from './examples';
import { fromWire } from './labels';
import { className, partName, spokenName } from './names';
import { pointName } from './pointNames';
import { violations, violationSentence } from './policy';

describe('names in the language of the reader', () => {
  afterEach(() => chooseLanguage('en'));

  it('it_shows_classes_that_only_a_dataset_knows_as_it_writes_them', async () => {
    expect([spokenName('sun_glasses'), className('sun_glasses')]).toEqual(['Sun glasses', 'sun glasses']);
    await chooseLanguage('zh-CN');
    expect([spokenName('sun_glasses'), spokenName('not_a_face')]).toEqual(['Sun glasses', '不是人脸']);
  });

  it('it_keeps_the_spelling_of_the_policy_inside_english_sentences', () => {
    expect([className('female'), spokenName('female')]).toEqual(['female', 'Female']);
  });

  it('it_tells_changes_in_chinese', async () => {
    await chooseLanguage('zh-CN');
    const changes = changesBetween(fromWire(wireLabels()), fromWire(wireLabels({ gender: 'male' })));
    expect(changes.find((one) => one.part === 'gender')).toMatchObject({
      title: '性别',
      text: '女性 → 男性',
    });
    expect(partName('jaw')).toBe('下颌');
    expect(pointName(36)).toBe('左眼外眼角');
    expect(ago(new Date(0), new Date(120_000))).toBe('2 分钟前');
  });

  it('it_tells_broken_rules_in_chinese_and_leaves_unknown_ones_to_the_server', async () => {
    await chooseLanguage('zh-CN');
    const [broken] = violations(policy, fromWire(wireLabels({ age: 30, flags: ['profile'] })));
    expect(broken?.message).toBe('标记为“侧脸”的人脸不含关键点：请删除关键点，或取消该标记。');
    const unknown = { code: 'age_on_sunday', label: 'sunday', message: 'Not on Sundays.' };
    expect(violationSentence(unknown)).toBe('Not on Sundays.');
  });
});
