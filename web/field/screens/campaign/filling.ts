// One form while it is being filled: the engine's tree for our own parts, and what is written down of it.
import type { RootNode } from "@getodk/xforms-engine";
import { type InjectionKey, inject, type Ref, shallowReactive } from "vue";
import { languageAmong } from "../../engine/campaigns.ts";

/** A photo or a recording of the form, under the name by which the instance knows it: its digest. */
export interface Named {
  name: string;
  type: string;
  bytes: ArrayBuffer;
}

/** Half an answer, as the draft keeps it. */
export interface Draft {
  /** The version of the form that is being filled; it stays, also when the campaign has a newer one. */
  form: string;
  /** The form itself: of a campaign that ended the phone may have it no more. */
  xform: string;
  xml: string;
  photos: Named[];
}

/** What the parts of a form ask of the screen that holds them. */
export interface Filling {
  /** Something was answered: the draft is written. */
  changed(): void;
  /** Saving was tried: what is missing is shown, too. */
  tried: Ref<boolean>;
  photos: Ref<Named[]>;
}

const FILLING: InjectionKey<Filling> = Symbol("filling");

export { FILLING };

export function filling(): Filling {
  const found = inject(FILLING);
  if (!found) throw new Error("a question outside of a form");
  return found;
}

export function fileOf(photo: Named): File {
  return new File([photo.bytes], photo.name, { type: photo.type });
}

/** The form, new or as it was left. Throws for one that the engine cannot read. */
export async function openForm(
  xform: string,
  draft: { xml: string; photos: readonly Named[] } | null,
): Promise<RootNode> {
  const { loadForm } = await import("./campaign-engine.ts");
  const loaded = await loadForm(xform, {
    // Nothing is asked of anybody while a form is filled.
    fetchFormAttachment: () => Promise.resolve(new Response(null, { status: 404 })),
    missingResourceBehavior: "BLANK",
  });
  if (loaded.status === "failure") throw loaded.error;
  const config = {
    stateFactory: shallowReactive,
    instanceAttachments: { fileNameFactory: ({ basename }: { basename: string }) => basename },
  };
  if (!draft?.xml) return loaded.createInstance(config).root;
  const data = new FormData();
  data.set("xml_submission_file", new File([draft.xml], "xml_submission_file", { type: "text/xml" }));
  for (const photo of draft.photos) data.set(photo.name, fileOf(photo));
  type Restored = Parameters<typeof loaded.restoreInstance>[0];
  const restored = await loaded.restoreInstance({ data: [data] } as unknown as Restored, config);
  return restored.root;
}

export function speak(root: RootNode, language: "zh" | "en"): void {
  const names = root.languages.map((each) => each.language);
  const wanted = languageAmong(names, language);
  const found = root.languages.find((each) => each.language === wanted);
  if (found && !found.isSyntheticDefault) root.setLanguage(found);
}
