import { sentenceOf } from '../api/problem';
import type { TutorialApi } from '../api/teaching';
import type { Item, ItemFace, LessonFeedback, Lesson, Policy, TutorialState } from '../api/types';
import { fromWire, toWire } from '../model/labels';
import { FaceSession } from './faceSession';
import { momentOf, stepsOf, stepsSeen, type Step, type StepId } from './lessonSteps';
import { Observable } from './observable';
import type { Picture, PictureLoader } from './pictures';

export interface TutorialOptions {
  api: TutorialApi;
  loadPicture: PictureLoader;
  dataset: number;
  policy: Policy;
}

/** A lesson's face as the stage knows faces: an item that nobody holds and nobody submits. */
function itemOf(lesson: Lesson, dataset: number): Item & { face: ItemFace } {
  const { face, feedback } = lesson;
  return {
    id: -lesson.id,
    kind: 'annotate',
    pass_number: 1,
    passes_total: 1,
    round: 1,
    lease: { token: '', until: '' },
    dataset_id: dataset,
    image: lesson.image,
    face: feedback ? { ...face, labels: feedback.given } : face,
    sweep: null,
    draft: null,
  };
}

/** One person's way through the tutorial: the lesson before them, its steps, what they are told about their answer. */
export class TutorialSession extends Observable {
  status: 'loading' | 'working' | 'finished' | 'none' | 'failed' = 'loading';
  failure: string | null = null;
  lessons: readonly Lesson[] = [];
  state: TutorialState | null = null;
  place = 0;
  session: FaceSession | null = null;
  picture: Picture | null = null;
  pictureFailure: string | null = null;
  /** What was said about the answer to this lesson; null while it is being worked on. */
  feedback: LessonFeedback | null = null;
  sending = false;
  #done = new Set<StepId>();
  #stop: () => void = () => undefined;

  constructor(private readonly options: TutorialOptions) {
    super();
  }

  get lesson(): Lesson | null {
    return this.lessons[this.place] ?? null;
  }

  get steps(): readonly (Step & { done: boolean })[] {
    const { lesson } = this;
    if (!lesson) return [];
    return stepsOf(lesson.lesson).map((step) => ({ ...step, done: this.#done.has(step.id) }));
  }

  get isLast(): boolean {
    return this.place === this.lessons.length - 1;
  }

  /** Fetch the lessons and go on with the first that has no answer yet. */
  async start(): Promise<void> {
    this.status = 'loading';
    this.failure = null;
    this.changed();
    try {
      const { lessons, ...state } = await this.options.api.load(this.options.dataset);
      this.lessons = lessons;
      this.state = state;
    } catch (error) {
      this.status = 'failed';
      this.failure = sentenceOf(error);
      this.changed();
      return;
    }
    const open = this.lessons.findIndex((lesson) => lesson.feedback === null);
    if (this.lessons.length === 0) this.status = 'none';
    else if (open === -1) this.status = 'finished';
    else this.open(open);
    this.changed();
  }

  /** Show this lesson; an answered one with what was said about it. */
  open(place: number): void {
    const lesson = this.lessons[place];
    if (!lesson) return;
    this.leave();
    this.status = 'working';
    this.place = place;
    this.failure = null;
    this.feedback = lesson.feedback;
    this.#done = new Set();
    const session = new FaceSession(itemOf(lesson, this.options.dataset), this.options.policy);
    this.session = session;
    if (lesson.feedback) {
      session.setAge(lesson.feedback.given.age);
      session.correcting = false;
    }
    let before = momentOf(session);
    this.#stop = session.subscribe(() => {
      if (this.feedback === null) {
        for (const id of stepsSeen(before, session)) this.#done.add(id);
      }
      before = momentOf(session);
      this.changed();
    });
    void this.#showPicture(lesson);
    this.changed();
  }

  async #showPicture(lesson: Lesson): Promise<void> {
    try {
      const picture = await this.options.loadPicture(lesson.face.crop.url);
      if (this.lesson?.id !== lesson.id || this.status !== 'working') picture.release();
      else this.picture = picture;
    } catch (error) {
      if (this.lesson?.id === lesson.id) this.pictureFailure = sentenceOf(error);
    }
    this.changed();
  }

  reloadPicture(): void {
    this.pictureFailure = null;
    this.changed();
    if (this.lesson) void this.#showPicture(this.lesson);
  }

  /** Something outside the face that a step asks for, e.g. the guide was opened. */
  note(id: StepId): void {
    if (this.#done.has(id)) return;
    this.#done.add(id);
    this.changed();
  }

  /** Send the answer and learn what was right. What the policy forbids is said by the session and not sent. */
  async answer(): Promise<void> {
    const { session, lesson } = this;
    if (!session || !lesson || this.sending || this.feedback || session.violations.length > 0) return;
    this.sending = true;
    this.failure = null;
    this.changed();
    try {
      const { feedback, state } = await this.options.api.answer(lesson.id, toWire(session.labels));
      this.state = state;
      this.lessons = this.lessons.map((one) => (one.id === lesson.id ? { ...one, feedback } : one));
      session.select(null);
      session.correcting = false;
      this.feedback = feedback;
      this.#done.add('save');
    } catch (error) {
      this.failure = sentenceOf(error);
    }
    this.sending = false;
    this.changed();
  }

  /** Go on with one's own answer; the next one takes its place. */
  tryAgain(): void {
    if (!this.session) return;
    this.feedback = null;
    this.session.correcting = true;
    this.changed();
  }

  /** The next lesson without an answer after this one, else any before it, else the end. */
  next(): void {
    const after = this.lessons.findIndex((lesson, place) => place > this.place && lesson.feedback === null);
    const any = this.lessons.findIndex((lesson, place) => place !== this.place && lesson.feedback === null);
    if (after !== -1) this.open(after);
    else if (this.feedback === null && !this.isLast) this.open(this.place + 1);
    else if (any !== -1 && this.feedback !== null) this.open(any);
    else this.finish();
  }

  finish(): void {
    this.leave();
    this.status = 'finished';
    this.changed();
  }

  async restart(): Promise<void> {
    try {
      await this.options.api.restart(this.options.dataset);
    } catch (error) {
      this.failure = sentenceOf(error);
      this.changed();
      return;
    }
    await this.start();
  }

  /** Let go of the face and its picture. */
  leave(): void {
    this.#stop();
    this.#stop = () => undefined;
    this.picture?.release();
    this.picture = null;
    this.pictureFailure = null;
    this.session = null;
  }

  /** The agreed labels as the stage draws versions, once they may be seen. */
  get truth(): ReturnType<typeof fromWire> | null {
    return this.feedback && fromWire(this.feedback.truth);
  }
}
