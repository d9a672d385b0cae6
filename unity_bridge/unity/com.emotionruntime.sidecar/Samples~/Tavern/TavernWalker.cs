// Owns how a capsule plays its actions: walks to whom it is about, runs away, hops for joy, takes a feeling's colour.
using EmotionRuntime;
using EmotionRuntime.Unity;
using UnityEngine;

namespace EmotionRuntime.Samples
{
    [RequireComponent(typeof(EmotionCharacter))]
    public sealed class TavernWalker : MonoBehaviour
    {
        private const float WalkSpeed = 1.5f;
        private const float RunSpeed = 4f;
        private const float Near = 1.2f;

        private EmotionCharacter character;
        private Renderer shown;

        private void Awake()
        {
            character = GetComponent<EmotionCharacter>();
            shown = GetComponent<Renderer>();
        }

        private void Update()
        {
            string feeling = character.Feeling;
            float strength = character.Emotion(feeling) * character.Presence;
            shown.material.color = Color.Lerp(Color.grey, EmotionOverlay.ColorOf(feeling), strength);
            Vector3 place = transform.position;
            ActionStart action = character.CurrentAction;
            float hop = 0f;
            if (action != null)
            {
                Vector3 target;
                bool known = Target(action, out target);
                if (action.Rule == "flee" && known)
                {
                    place = Step(place, place + (place - target), RunSpeed, 0f);
                }
                else if (known)
                {
                    place = Step(place, target, WalkSpeed, Near);
                }
                bool merry = action.Rule == "dance" || action.Rule == "gloat" || action.Rule == "hum";
                hop = merry ? 0.3f * Mathf.Abs(Mathf.Sin(8f * Time.time)) : 0f;
            }
            transform.position = new Vector3(Mathf.Clamp(place.x, 0.5f, 13.5f), hop, Mathf.Clamp(place.z, 0.5f, 8.5f));
        }

        private bool Target(ActionStart action, out Vector3 target)
        {
            target = transform.position;
            if (action.Bearers.Length == 0 || action.Bearers[0] == character.Id)
            {
                return false;
            }
            GameObject found = GameObject.Find(action.Bearers[0]);
            if (found == null)
            {
                return false;
            }
            target = found.transform.position;
            return true;
        }

        private static Vector3 Step(Vector3 from, Vector3 to, float speed, float near)
        {
            Vector3 way = to - from;
            way.y = 0f;
            float distance = way.magnitude;
            return distance <= near ? from : from + way * (speed * Time.deltaTime / distance);
        }
    }
}
