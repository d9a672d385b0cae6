// Owns the face: drives the blendshapes of a character's meshes, ARKit-named or VRM, smoothly between ticks.
using System.Collections.Generic;
using UnityEngine;

namespace EmotionRuntime.Unity
{
    /// <summary>Finds the shapes by their names. A mesh with ARKit shapes gets the streamed face; one without gets the
    /// emotions on its VRM presets.</summary>
    [AddComponentMenu("Emotion Runtime/Emotion Face")]
    public sealed class EmotionFace : MonoBehaviour
    {
        private const float FullWeight = 100f;
        private const int FewestArkitShapes = 4;

        [Tooltip("Empty: the one on this object or above it.")]
        [SerializeField] private EmotionCharacter character;
        [Tooltip("Empty: all below this object.")]
        [SerializeField] private SkinnedMeshRenderer[] meshes = new SkinnedMeshRenderer[0];
        [Range(0f, 2f)]
        [SerializeField] private float strength = 1f;
        [Tooltip("Seconds in which most of a change is shown; lips and blinks need short ones. 0: at once.")]
        [Range(0f, 1f)]
        [SerializeField] private float smoothing = 0.02f;

        private readonly List<Driven> driven = new List<Driven>();
        private Roster roster;
        private string[] shapes;

        /// <summary>Blendshapes that are driven; 0: none of the meshes has a known name.</summary>
        public int Shapes
        {
            get
            {
                int count = 0;
                foreach (Driven each in driven)
                {
                    count += ShapeNames.Count(each.Indices);
                }
                return count;
            }
        }

        private void OnEnable()
        {
            if (character == null)
            {
                character = GetComponentInParent<EmotionCharacter>();
            }
            if (meshes.Length == 0)
            {
                meshes = GetComponentsInChildren<SkinnedMeshRenderer>();
            }
            roster = null;
        }

        // After the Animator, which writes blendshapes too.
        private void LateUpdate()
        {
            if (character == null || character.Roster == null)
            {
                return;
            }
            if (character.Roster != roster || character.FaceShapes != shapes)
            {
                Bind(character.Roster);
            }
            float step = Fading.Step(Time.deltaTime, smoothing);
            float scale = strength * character.Presence;
            foreach (Driven each in driven)
            {
                each.Show(each.Arkit ? character.Face : character.Emotions, scale, step);
            }
        }

        private void Bind(Roster rows)
        {
            roster = rows;
            shapes = character.FaceShapes;
            driven.Clear();
            foreach (SkinnedMeshRenderer mesh in meshes)
            {
                if (mesh == null || mesh.sharedMesh == null)
                {
                    continue;
                }
                var names = new string[mesh.sharedMesh.blendShapeCount];
                for (int i = 0; i < names.Length; i++)
                {
                    names[i] = mesh.sharedMesh.GetBlendShapeName(i);
                }
                int[] faces = ShapeNames.Match(shapes, names);
                bool arkit = ShapeNames.Count(faces) >= FewestArkitShapes;
                driven.Add(new Driven(mesh, arkit ? faces : ShapeNames.MatchPresets(rows.Labels, names), arkit));
            }
        }

        private sealed class Driven
        {
            public readonly bool Arkit;
            public readonly int[] Indices;
            private readonly SkinnedMeshRenderer mesh;
            private readonly float[] targets;
            private readonly float[] shown;
            private readonly List<int> used = new List<int>();

            public Driven(SkinnedMeshRenderer mesh, int[] indices, bool arkit)
            {
                this.mesh = mesh;
                Indices = indices;
                Arkit = arkit;
                int count = mesh.sharedMesh.blendShapeCount;
                targets = new float[count];
                shown = new float[count];
                foreach (int index in indices)
                {
                    if (index >= 0 && !used.Contains(index))
                    {
                        used.Add(index);
                    }
                }
            }

            /// <summary>Several values may share a shape: the largest is shown.</summary>
            public void Show(float[] values, float scale, float step)
            {
                if (mesh == null)
                {
                    return;
                }
                System.Array.Clear(targets, 0, targets.Length);
                for (int i = 0; i < Indices.Length && i < values.Length; i++)
                {
                    if (Indices[i] >= 0)
                    {
                        targets[Indices[i]] = Mathf.Max(targets[Indices[i]], Mathf.Clamp01(values[i] * scale));
                    }
                }
                foreach (int index in used)
                {
                    shown[index] += (targets[index] - shown[index]) * step;
                    mesh.SetBlendShapeWeight(index, FullWeight * shown[index]);
                }
            }
        }
    }
}
