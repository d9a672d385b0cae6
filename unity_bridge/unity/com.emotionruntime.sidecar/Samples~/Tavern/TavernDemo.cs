// Owns the tavern made of primitives: builds it when play begins, and gives a few buttons to press.
using System.Collections.Generic;
using EmotionRuntime;
using EmotionRuntime.Unity;
using UnityEngine;

namespace EmotionRuntime.Samples
{
    /// <summary>Put it on an empty object in an empty scene, start the sidecar with `emotion-runtime serve tavern`, press
    /// play.</summary>
    public sealed class TavernDemo : MonoBehaviour
    {
        private readonly Dictionary<string, EmotionCharacter> people = new Dictionary<string, EmotionCharacter>();
        private EmotionSmartObject campfire;
        private EmotionSmartObject musicBox;
        private EmotionSmartObject baby;
        private bool lit = true;

        private void Awake()
        {
            GameObject floor = GameObject.CreatePrimitive(PrimitiveType.Cube);
            floor.transform.position = new Vector3(7f, -0.55f, 4.5f);
            floor.transform.localScale = new Vector3(14f, 1f, 9f);
            var sidecar = new GameObject("Emotion Sidecar");
            sidecar.AddComponent<EmotionSidecar>();
            sidecar.AddComponent<EmotionOverlay>();
            Person("guard", 1f, 4f, 1f);
            Person("merchant", 9f, 6f, 1f);
            Person("child", 8f, 3f, 0.6f);
            Person("thief", 12f, 8f, 1f);
            campfire = Thing("campfire", 6f, 4f, 4f, 2f);
            musicBox = Thing("music_box", 9f, 2f, 6f);
            baby = Thing("baby", 10f, 6f, 8f);
            Thing("corpse", 3f, -5f, 3f);
            Camera camera = Camera.main;
            if (camera != null)
            {
                camera.transform.position = new Vector3(7f, 11f, -7f);
                camera.transform.LookAt(new Vector3(7f, 0f, 4f));
            }
        }

        private void OnGUI()
        {
            float y = 40f;
            if (Button(ref y, "Guard insults the child"))
            {
                people["guard"].transform.position = new Vector3(8f, 0f, 4.5f);
                people["guard"].Say("You idiot! Get out! I'm so angry with you!", "child");
            }
            if (Button(ref y, "Child is happy"))
            {
                people["child"].Say("Oh wow, the music box is playing! I love this song!");
            }
            if (Button(ref y, "Somebody saw a theft"))
            {
                SidecarClient client = EmotionSidecar.Instance.Client;
                if (client != null)
                {
                    client.Happen("theft_seen", cause: "thief");
                }
            }
            if (Button(ref y, "Wind the music box"))
            {
                musicBox.Set("wound", 40f);
                musicBox.Set("playing", true);
            }
            if (Button(ref y, lit ? "Put the fire out" : "Light the fire"))
            {
                lit = !lit;
                campfire.Set("lit", lit);
            }
            if (Button(ref y, "The fire blazes"))
            {
                campfire.Set("heat", 1f);
            }
            if (Button(ref y, "The baby cries"))
            {
                baby.Set("crying", 0.8f);
            }
        }

        private static bool Button(ref float y, string text)
        {
            bool pressed = GUI.Button(new Rect(8f, y, 190f, 26f), text);
            y += 30f;
            return pressed;
        }

        private void Person(string id, float x, float z, float size)
        {
            GameObject body = GameObject.CreatePrimitive(PrimitiveType.Capsule);
            body.name = id;
            body.transform.position = new Vector3(x, 0f, z);
            body.transform.localScale = new Vector3(0.7f * size, 0.9f * size, 0.7f * size);
            EmotionCharacter character = body.AddComponent<EmotionCharacter>();
            character.Id = id;
            body.AddComponent<TavernWalker>();
            people[id] = character;
        }

        private static EmotionSmartObject Thing(string id, float x, float z, params float[] ranges)
        {
            GameObject box = GameObject.CreatePrimitive(PrimitiveType.Cube);
            box.name = id;
            box.transform.position = new Vector3(x, 0f, z);
            box.transform.localScale = new Vector3(0.6f, 0.6f, 0.6f);
            EmotionSmartObject thing = box.AddComponent<EmotionSmartObject>();
            thing.Id = id;
            thing.Ranges = ranges;
            return thing;
        }
    }
}
