// Owns the binding of emotions, mood and actions to the parameters of an Animator.
using System;
using System.Collections.Generic;
using UnityEngine;

namespace EmotionRuntime.Unity
{
    /// <summary>A float parameter follows an emotion or a dimension of the mood.</summary>
    [Serializable]
    public sealed class AnimatorBinding
    {
        [Tooltip("An emotion such as joy, or mood.pleasure, mood.arousal, mood.dominance.")]
        public string source = "";
        [Tooltip("A float parameter of the Animator.")]
        public string parameter = "";
    }

    /// <summary>Also sets the trigger that is called like the behavior rule when an action starts, and a bool while one
    /// is under way. Parameters that the Animator does not have are left alone.</summary>
    [AddComponentMenu("Emotion Runtime/Emotion Animator")]
    public sealed class EmotionAnimator : MonoBehaviour
    {
        [Tooltip("Empty: the one on this object or above it.")]
        [SerializeField] private EmotionCharacter character;
        [Tooltip("Empty: the one on this object or below it.")]
        [SerializeField] private Animator animator;
        [SerializeField] private AnimatorBinding[] bindings = new AnimatorBinding[0];
        [Tooltip("A bool parameter that is true while an action is under way.")]
        [SerializeField] private string actingParameter = "acting";
        [Tooltip("Seconds in which most of a change is shown. 0: at once.")]
        [Range(0f, 2f)]
        [SerializeField] private float smoothing = 0.2f;

        private readonly Dictionary<string, AnimatorControllerParameterType> known =
            new Dictionary<string, AnimatorControllerParameterType>();

        private void OnEnable()
        {
            if (character == null)
            {
                character = GetComponentInParent<EmotionCharacter>();
            }
            if (animator == null)
            {
                animator = GetComponentInChildren<Animator>();
            }
            if (character == null || animator == null)
            {
                return;
            }
            known.Clear();
            foreach (AnimatorControllerParameter each in animator.parameters)
            {
                known[each.name] = each.type;
            }
            character.Started += Trigger;
        }

        private void OnDisable()
        {
            if (character != null)
            {
                character.Started -= Trigger;
            }
        }

        private void Trigger(ActionStart action)
        {
            if (animator != null && Has(action.Rule, AnimatorControllerParameterType.Trigger))
            {
                animator.SetTrigger(action.Rule);
            }
        }

        private void Update()
        {
            if (character == null || animator == null)
            {
                return;
            }
            float step = Fading.Step(Time.deltaTime, smoothing);
            foreach (AnimatorBinding each in bindings)
            {
                if (Has(each.parameter, AnimatorControllerParameterType.Float))
                {
                    float shown = animator.GetFloat(each.parameter);
                    float target = Value(each.source) * character.Presence;
                    animator.SetFloat(each.parameter, shown + (target - shown) * step);
                }
            }
            if (Has(actingParameter, AnimatorControllerParameterType.Bool))
            {
                animator.SetBool(actingParameter, character.CurrentAction != null);
            }
        }

        private bool Has(string parameter, AnimatorControllerParameterType type)
        {
            return known.TryGetValue(parameter, out AnimatorControllerParameterType found) && found == type;
        }

        private float Value(string source)
        {
            switch (source)
            {
                case "mood.pleasure":
                    return character.Mood.x;
                case "mood.arousal":
                    return character.Mood.y;
                case "mood.dominance":
                    return character.Mood.z;
                default:
                    return character.Emotion(source);
            }
        }
    }
}
