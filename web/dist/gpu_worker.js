var b=class extends Error{name="GpuError"},R=class extends b{name="GpuOutOfMemoryError"},C=class extends b{name="GpuLostError"};function $(t){return t.reduce((e,r)=>e*r,1)}function A(t){return Math.ceil(t/4)*4}function T(t){return t.join("×")}function B(t,e){return Math.ceil(t/e)}function we(t){let e=[],r=[],a=new Array(t.length).fill(-1),n=t.map((o,i)=>i).sort((o,i)=>t[o].first-t[i].first||t[i].bytes-t[o].bytes);for(let o of n){let{bytes:i,first:s,last:d}=t[o],l=-1;for(let c=0;c<e.length;c++){if(r[c]>=s)continue;if(l<0){l=c;continue}let u=e[c]>=i,p=e[l]>=i;(u?!p||e[c]<e[l]:!p&&e[c]>e[l])&&(l=c)}l<0&&(l=e.length,e.push(0),r.push(-1)),e[l]=Math.max(e[l],i),r[l]=d,a[o]=l}return{assignment:a,sizes:e}}function ve(t,e){return e==="flat"?$(t)*4:$(t.slice(0,-1))*A(t[t.length-1])*4}function j(t,e,r){let a=A(e);if(a===e)return r?.set(t),r??t;let n=t.length/e,o=r??new Float32Array(n*a);for(let i=0,s=0,d=0;i<n;i++,d+=a-e)for(let l=0;l<e;l++)o[d++]=t[s++];return o}function K(t,e){let r=A(e);if(r===e)return t;let a=t.length/r,n=new Float32Array(a*e);for(let o=0,i=0,s=0;o<a;o++,i+=r-e)for(let d=0;d<e;d++)n[s++]=t[i++];return n}var wt=64,vt=65535,q=class{tensors=[];dispatches=[];inputs=new Map;outputs=new Map;training;#e=[];#r=new Map;#t="";constructor(e){this.training=e.training}tensor(e,r,a={}){if(e.some(i=>!Number.isInteger(i)||i<1))throw new b(`Cannot record the tensor ${r}: its shape ${T(e)} must have positive extents`);let n=a.layout??"image",o={id:this.tensors.length,name:r,shape:e,layout:n,lifetime:a.lifetime??"planned",bytes:ve(e,n),...a.external?{external:a.external}:{}};return this.tensors.push(o),o}input(e,r){let a=this.tensor(r,e,{lifetime:"persistent"});return this.inputs.set(e,a),a}scalars(e,r){let a=this.tensor([Math.ceil(r/4)*4],e,{layout:"flat",lifetime:"persistent"});return this.inputs.set(e,a),a}output(e,r){this.outputs.set(e,r)}within(e,r){let a=this.#t;this.#t=a?`${a}/${e}`:e;try{return r()}finally{this.#t=a}}dispatch(e,r,a){let n=Object.keys(e.bindings);if(n.join()!==Object.keys(r).join())throw new b(`Cannot record ${e.name}: it binds ${n.join()}, got ${Object.keys(r).join()}`);let i=e.params.map(c=>c.split(":")[0]).find(c=>a.params[c]===void 0);if(i)throw new b(`Cannot record ${e.name}: the parameter ${i} is not given`);let s=n.filter(c=>e.bindings[c]==="read_write").map(c=>O(r[c]).tensor);for(let c of n){let{tensor:u}=O(r[c]);if(e.bindings[c]!=="read_write"?s.includes(u):s.filter(p=>p===u).length>1)throw new b(`Cannot record ${e.name}: ${u.name} is bound for reading and writing at once`)}let[d,l]=bt(Math.ceil(a.invocations/wt));this.dispatches.push({label:[this.#t,a.label??e.name].filter(Boolean).join("/"),kernel:e,constants:a.constants??{},params:a.params,bindings:r,workgroups:[d,l,a.groups??1],once:a.once??!1,flops:a.flops??0})}gradient(e,r){if(!this.training)return;let a=this.#t;this.#e.push(()=>{let n=this.#r.get(e);n?.written&&this.within(a?`${a}.grad`:"grad",()=>r(n.gradient))})}gradientOf(e){let r=this.#r.get(e);r||this.#r.set(e,r={gradient:this.tensor(e.shape,`d(${e.name})`,{layout:e.layout}),written:!1});let a=r.written;return r.written=!0,{gradient:r.gradient,accumulate:a}}backward(){for(let e of this.#e.splice(0).reverse())e()}};function bt(t){let e=Math.max(1,Math.ceil(t/vt));return[Math.max(1,Math.ceil(t/e)),e]}function O(t){return"tensor"in t?t:{tensor:t,offset:0,size:t.bytes}}function E(t){return t.bytes/16}var re=256;async function be(t,e){let{device:r}=t;t.check();let a=[];for(let{kernel:u,constants:p}of e.dispatches)a.push(await t.kernel(u,p));r.pushErrorScope("validation"),r.pushErrorScope("out-of-memory");let n=[],o=(u,p,m)=>{let w=t.buffer(u,p,m);return n.push(w),w},i=()=>n.forEach(u=>t.release(u)),s,d;try{let u=xt(e,o),p=new DataView(new ArrayBuffer(e.dispatches.length*re));e.dispatches.forEach(({kernel:y,params:h},g)=>{y.params.forEach((f,v)=>{let[x,_]=f.split(":"),S=g*re+v*4;_==="f32"?p.setFloat32(S,h[x],!0):p.setInt32(S,h[x],!0)})});let m=o("uniforms",Math.max(p.byteLength,16),GPUBufferUsage.UNIFORM|GPUBufferUsage.COPY_DST);t.write(m,0,new Uint32Array(p.buffer));let w=e.dispatches.map((y,h)=>({dispatch:y,compiled:a[h],group:r.createBindGroup({label:y.label,layout:a[h].layout,entries:[{binding:0,resource:{buffer:m,offset:h*re,size:y.kernel.params.length*4}},...Object.values(y.bindings).map((g,f)=>{let{tensor:v,offset:x,size:_}=O(g);return{binding:f+1,resource:{buffer:u.get(v),offset:x,size:_}}})]})}));s=new ae(t,e,w,u,n)}catch(u){d=u}let l=await r.popErrorScope(),c=await r.popErrorScope();if(l?d=new R(`The GPU is out of memory for a plan: ${l.message}`):c&&(d??=new b(`Cannot build a plan: ${c.message}`)),d)throw i(),d;return s}function xt(t,e){let r=new Map,a=new Map;t.dispatches.forEach((c,u)=>{for(let p of Object.values(c.bindings)){let{tensor:m}=O(p);r.has(m)||r.set(m,u),a.set(m,u)}});for(let c of t.outputs.values())a.set(c,t.dispatches.length);let n=GPUBufferUsage.STORAGE|GPUBufferUsage.UNIFORM|GPUBufferUsage.COPY_DST|GPUBufferUsage.COPY_SRC,o=new Map,i=t.tensors.filter(c=>{if(c.external)o.set(c,c.external);else if(c.lifetime==="persistent")o.set(c,e(c.name,c.bytes,n));else return r.has(c);return!1}),{assignment:s,sizes:d}=we(i.map(c=>({bytes:c.bytes,first:r.get(c),last:a.get(c)}))),l=d.map((c,u)=>e(`shared ${u}`,c,n));return i.forEach((c,u)=>o.set(c,l[s[u]])),o}var ae=class{#e;#r;#t;#a;#n;#o=new Map;#i=new Map;#s=!0;constructor(e,r,a,n,o){this.#e=e,this.#r=r,this.#t=a,this.#a=n,this.#n=o}write(e,r){let a=this.#r.inputs.get(e);if(!a)throw new b(`Cannot write ${e}: the plan has no such input`);let n=performance.now(),o=r;if(a.layout==="image"){let i=a.shape[a.shape.length-1],s=this.#i.get(e);if(s||this.#i.set(e,s=new Float32Array(a.bytes/4)),r.length!==a.shape.reduce((d,l)=>d*l,1))throw new b(`Cannot write ${e}: it is ${T(a.shape)}, got ${r.length} values`);o=j(r,i,s)}this.#e.write(this.#a.get(a),0,o),this.#e.times.upload+=(performance.now()-n)/1e3}run(){this.#e.check();let e=performance.now(),r=this.#e.device.createCommandEncoder(),a=r.beginComputePass();for(let n of this.#t)n.dispatch.once&&!this.#s||(a.setPipeline(n.compiled.pipeline),a.setBindGroup(0,n.group),a.dispatchWorkgroups(...n.dispatch.workgroups));a.end(),this.#e.device.queue.submit([r.finish()]),this.#s=!1,this.#e.times.compute+=(performance.now()-e)/1e3}refresh(){this.#s=!0}async read(e){let r=this.#r.outputs.get(e);if(!r)throw new b(`Cannot read ${e}: the plan has no such output`);let{device:a,times:n}=this.#e,o=await this.#l(e,r),i=performance.now(),s=a.createCommandEncoder();s.copyBufferToBuffer(this.#a.get(r),0,o,0,r.bytes),a.queue.submit([s.finish()]);try{await o.mapAsync(GPUMapMode.READ)}catch(u){throw this.#e.check(),u}let d=performance.now();n.compute+=(d-i)/1e3;let l=new Float32Array(o.getMappedRange(0,r.bytes).slice(0));o.unmap(),this.#e.check();let c=r.layout==="image"?K(l,r.shape[r.shape.length-1]):l;return n.download+=(performance.now()-d)/1e3,c}async#l(e,r){let a=this.#o.get(e);if(a)return a;let{device:n}=this.#e;n.pushErrorScope("out-of-memory");let o=this.#e.buffer(`read ${e}`,r.bytes,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST);this.#n.push(o);let i=await n.popErrorScope();if(i)throw new R(`The GPU is out of memory to read ${e}: ${i.message}`);return this.#o.set(e,o),o}describe(){let e=this.#n.reduce((a,n)=>a+n.size,0);return[...this.#t.map(({dispatch:a})=>{let n=Object.entries(a.bindings).map(([o,i])=>`${o} ${O(i).tensor.name} ${T(O(i).tensor.shape)}`);return`${a.label}: ${a.kernel.name} (${n.join(", ")})`}),`${this.#t.length} steps, ${this.#n.length} buffers, ${e} bytes`].join(`
`)}get bytes(){return this.#n.reduce((e,r)=>e+r.size,0)}async profile(){let{device:e}=this.#e;if(!e.features.has("timestamp-query"))throw new b("Cannot profile: the adapter has no timestamp queries");let r=this.#t.filter(({dispatch:l})=>!l.once||this.#s),a=e.createQuerySet({type:"timestamp",count:r.length*2}),n=r.length*16,o=this.#e.buffer("timestamps",n,GPUBufferUsage.QUERY_RESOLVE|GPUBufferUsage.COPY_SRC),i=this.#e.buffer("read timestamps",n,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST),s=e.createCommandEncoder();r.forEach(({dispatch:l,compiled:c,group:u},p)=>{let m=s.beginComputePass({timestampWrites:{querySet:a,beginningOfPassWriteIndex:p*2,endOfPassWriteIndex:p*2+1}});m.setPipeline(c.pipeline),m.setBindGroup(0,u),m.dispatchWorkgroups(...l.workgroups),m.end()}),s.resolveQuerySet(a,0,r.length*2,o,0),s.copyBufferToBuffer(o,0,i,0,n),e.queue.submit([s.finish()]),await i.mapAsync(GPUMapMode.READ);let d=new BigUint64Array(i.getMappedRange().slice(0));i.unmap();for(let l of[o,i])this.#e.release(l);return a.destroy(),this.#s=!1,r.map(({dispatch:l},c)=>{let u=Number(d[c*2+1]-d[c*2]);return{label:l.label,kernel:l.kernel.name,milliseconds:u/1e6,gflops:u>0?l.flops/u:0}})}[Symbol.dispose](){for(let e of this.#n.splice(0))this.#e.release(e)}};var xe={none:0,relu:1,"leaky-relu":2};function ne(t){return xe[t]}var _e=new WeakMap;function ke(t,e){_e.set(t,e)}function _t(t){return _e.get(t)??"none"}function M(t,e){let r=_t(t);return{activated:r==="none"?e:t,constants:{ACTIVATION:xe[r]}}}var kt={name:"add",params:["count"],bindings:{a:"read",b:"read",y:"read_write"}},Tt={name:"add_grad",params:["count","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]};function Te(t,e,r,a="add",n=new Set){if(e.shape.join()!==r.shape.join())throw new b(`Cannot record add "${a}": its terms are ${T(e.shape)} and ${T(r.shape)}`);let o=t.tensor(e.shape,a),i=E(o);return t.within(a,()=>{t.dispatch(kt,{a:e,b:r,y:o},{params:{count:i},invocations:i}),t.gradient(o,s=>{for(let d of[e,r]){if(n.has(d))continue;let{gradient:l,accumulate:c}=t.gradientOf(d),{activated:u,constants:p}=M(d,s);t.dispatch(Tt,{dy:s,activated:u,dx:l},{params:{count:i,accumulate:Number(c)},constants:p,invocations:i})}})}),o}function Ae(t){return{name:t,params:["batch","height","width","x4","first4","in4","shift","out4","first_block","block_vec4s","accumulate","activation"],bindings:{x:"read",w:"uniform",activated:"read",y:"read_write"},includes:["activation","conv2d_tile"]}}var Se=Ae("conv2d_tile8"),Pe=Ae("conv2d_tile8x4"),$e={name:"conv2d_pack",params:["in4","out4","source4","target4","first4","block_vec4s","count"],bindings:{weight:"read",bias:"read",packed:"read_write"}},Ue={name:"conv2d_naive",params:["batch","height","width","out_height","out_width","a4","b4","a_shift","out4","kernel","stride"],bindings:{a:"read",b:"read",w:"read",bias:"read",y:"read_write"},includes:["activation"]},Re={name:"conv2d_input_grad_naive",params:["batch","height","width","out_height","out_width","in4","out4","target4","first4","kernel","stride","accumulate"],bindings:{dy:"read",w:"read",activated:"read",dx:"read_write"},includes:["activation"]},Oe={name:"conv2d_weight_grad_rows",params:["batch","height","width","in4","out4","shift","first4","total4","slices","rows"],bindings:{x:"read",dy:"read",partials:"read_write"}},Ee={name:"conv2d_weight_grad_naive",params:["batch","height","width","out_height","out_width","in4","out4","shift","first4","total4","slices","rows","kernel","stride"],bindings:{x:"read",dy:"read",partials:"read_write"}},Ne={name:"bias_grad",params:["pixels","out4","slices","slice_pixels"],bindings:{dy:"read",partials:"read_write"}};var At={name:"sum_slices",params:["count","slices","accumulate"],bindings:{partials:"read",total:"read_write"}};function oe(t,e,r,a,n=!1){let o=O(r).size/16;t.dispatch(At,{partials:e,total:r},{params:{count:o,slices:a,accumulate:Number(n)},invocations:o})}function se(t,e){let r=Math.ceil(t/Math.max(1,Math.min(e,t)));return{slices:Math.ceil(t/r),each:r}}var St={name:"upsample",params:["batch","height","width","c4"],bindings:{x:"read",y:"read_write"}},Pt={name:"upsample_grad",params:["batch","height","width","c4","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]},Me=({shape:[t,e,r,a]})=>({batch:t,height:e,width:r,c4:A(a)/4});function Ce(t,e,r,a="up"){let[n,o,i,s]=e.shape,d=t.tensor([n,o*2,i*2,s],a);return t.within(a,()=>{t.dispatch(St,{x:e,y:d},{params:Me(e),constants:{BILINEAR:+(r==="bilinear")},invocations:E(d)}),t.gradient(d,l=>ie(t,l,e,r))}),d}function ie(t,e,r,a){let{gradient:n,accumulate:o}=t.gradientOf(r),{activated:i,constants:s}=M(r,e);t.dispatch(Pt,{dy:e,activated:i,dx:n},{params:{...Me(r),accumulate:Number(o)},constants:{...s,BILINEAR:+(a==="bilinear")},invocations:E(r)})}var H=65536,$t=2048,P=t=>"upsampled"in t?t.upsampled:t,z=t=>"upsampled"in t?1:0,U=t=>A(t.shape[3])/4;function le(t){let{shape:e}=P(t),r=1<<z(t);return[e[1]*r,e[2]*r]}function Ut(t,{name:e,stride:r,outChannels:a}){if(t.length<1||t.length>2)throw new b(`Cannot record conv2d "${e}": it reads one or two inputs, got ${t.length}`);let[n,o]=le(t[0]),i=P(t[0]).shape[0];for(let s of t){let[d,l]=le(s),{shape:c}=P(s);if(c.length!==4||d!==n||l!==o||c[0]!==i)throw new b(`Cannot record conv2d "${e}": its inputs are ${T(P(t[0]).shape)} and ${T(c)}`)}if(t.length===2&&z(t[1]))throw new b(`Cannot record conv2d "${e}": only its first input can be upsampled on the way`);return[i,B(n,r),B(o,r),a]}function Be(t,e,r,a,{variant:n="auto",withoutGradient:o=new Set}={}){let{name:i,kernel:s,stride:d,activation:l}=a,c=Ut(e,a);Ot(e,r,a);let u=t.tensor(c,i);ke(u,l);let p=r.range(t,`${i}.weight`),m=r.range(t,`${i}.bias`),w=n==="auto"?r.adapter.lavapipe?"tile8x4":"tile8":n,y={rec:t,sources:e,options:a,y:u,weight:p,bias:m,tall:w==="tile8x4",...Rt(e,u)},h=n!=="naive"&&s===3&&d===1,g=f=>h&&Fe(f)*16<=H;return t.within(i,()=>{if(g(y.in4)){let f=e.length-1;De(y,{sources:e,target:u,activated:P(e[0]),first4:0,accumulate:!1,modes:e.map((v,x)=>x===0?Nt:Mt),activations:e.map((v,x)=>x===f?ne(l):0)})}else Et(y);t.gradient(u,f=>{Gt(y,f,r,h);let v=0;for(let x of e){let _=P(x);o.has(_)||Ct(y,f,x,v,g(y.out4)),v+=U(_)}})}),u}function Rt(t,e){let[r,a]=le(t[0]);return{batch:e.shape[0],height:r,width:a,out_height:e.shape[1],out_width:e.shape[2],in4:t.reduce((n,o)=>n+U(P(o)),0),out4:U(e)}}function Ot(t,e,{name:r,kernel:a,outChannels:n}){let o=t.map(d=>P(d).shape[3]),i=e.specs.find(d=>d.name===`${r}.weight`),s=[a,a,o.reduce((d,l)=>d+l,0),n];if(!i||i.shape.join()!==s.join()||(i.sources??[s[2]]).join()!==o.join())throw new b(`Cannot record conv2d "${r}": input has ${o.join(" + ")} channels, so the weight is ${T(s)}; got ${i?T(i.shape):"none"}`)}function ce({batch:t,out_height:e,out_width:r,options:a,sources:n},o){let i=o??n.reduce((s,d)=>s+P(d).shape[3],0);return 2*t*e*r*a.kernel**2*i*a.outChannels}function Et(t){let{rec:e,sources:r,options:a,y:n,weight:o,bias:i}=t,[s,d=s]=r.map(P);e.dispatch(Ue,{a:s,b:d,w:o,bias:i,y:n},{params:{...V(t,["batch","height","width","out_height","out_width","out4"]),a4:U(s),b4:r[1]?U(d):0,a_shift:z(r[0]),kernel:a.kernel,stride:a.stride},constants:{ACTIVATION:ne(a.activation)},invocations:t.batch*t.out_height*t.out_width*t.out4,flops:ce(t)})}function V(t,e){return Object.fromEntries(e.map(r=>[r,t[r]]))}function Fe(t){return Math.ceil((72*t+2)/16)*16}var Ie=0,Nt=1,Mt=2;function De(t,e){let{rec:r,batch:a,height:n,width:o,in4:i,out4:s}=t,d=U(e.target),l=e.sources.reduce((g,f)=>g+U(P(f)),0),c=Fe(l),u=Math.ceil(d/2),p=!r.training,m=Math.floor(H/(c*16)),w=Math.floor((u-1)/m)*m*c*16,y=r.tensor([(w+H)/4],`${t.options.name}.packed`,{layout:"flat",lifetime:p?"persistent":"planned"});r.dispatch($e,{weight:t.weight,bias:t.bias,packed:y},{params:{in4:i,out4:s,source4:l,target4:d,first4:e.first4,block_vec4s:c,count:u*c},constants:{FORWARD:+(e.modes[0]!==Ie)},invocations:u*c,once:p});let h=0;e.sources.forEach((g,f)=>{let v=P(g),x=U(v);for(let _=0;_<u;_+=m){let S=Math.min(m,u-_);r.dispatch(t.tall?Pe:Se,{x:v,w:{tensor:y,offset:_*c*16,size:H},activated:e.activated,y:e.target},{params:{batch:a,height:n,width:o,x4:x,first4:h,in4:l,shift:z(g),out4:d,first_block:_,block_vec4s:c,accumulate:Number(e.accumulate),activation:e.activations[f]},constants:{MODE:e.modes[f]},invocations:a*Math.ceil(n/(t.tall?4:1))*Math.ceil(o/8),groups:S,flops:18*a*n*o*x*4*Math.min(S*8,(d-_*2)*4)})}h+=x})}function Ct(t,e,r,a,n){let{rec:o,options:i}=t,s=P(r),l="upsampled"in r?o.tensor([t.batch,t.height,t.width,s.shape[3]],`d(${s.name} upsampled)`):void 0,{gradient:c,accumulate:u}=l?{gradient:l,accumulate:!1}:o.gradientOf(s),{activated:p,constants:m}=l?{activated:e,constants:{ACTIVATION:0}}:M(s,e);n?De(t,{sources:[e],modes:[Ie],activations:[m.ACTIVATION],activated:p,target:c,first4:a,accumulate:u}):o.dispatch(Re,{dy:e,w:t.weight,activated:p,dx:c},{params:{...V(t,["batch","height","width","out_height","out_width","in4","out4"]),target4:U(s),first4:a,kernel:i.kernel,stride:i.stride,accumulate:Number(u)},constants:m,invocations:t.batch*t.height*t.width*U(s),flops:ce(t,s.shape[3])}),l&&ie(o,l,s,"nearest")}function Ge(t,e){return 3*Math.ceil(t/2)*Math.ceil(e/2)}function Gt(t,e,r,a){let{rec:n,options:o,in4:i,out4:s}=t,d=o.kernel**2,{slices:l,each:c}=se(t.batch*t.out_height,Math.ceil($t/(a?Ge(i,s):i*s*d))),u=n.tensor([l,d,i*4,s*4],`${o.name}.weight partials`,{layout:"flat"}),p=0;for(let h of t.sources){let g=P(h),f=U(g),v={out4:s,shift:z(h),in4:f,first4:p,total4:i,slices:l,rows:c},x=ce(t,g.shape[3]);a?n.dispatch(Oe,{x:g,dy:e,partials:u},{params:{...V(t,["batch","height","width"]),...v},invocations:Ge(f,s)*l,flops:x}):n.dispatch(Ee,{x:g,dy:e,partials:u},{params:{...V(t,["batch","height","width","out_height","out_width"]),...v,kernel:o.kernel,stride:o.stride},invocations:d*f*s*l,flops:x}),p+=f}oe(n,u,r.range(n,`${o.name}.weight`,"gradients"),l);let m=t.batch*t.out_height*t.out_width,w=se(m,Math.ceil(256/s)),y=n.tensor([w.slices,s*4],`${o.name}.bias partials`,{layout:"flat"});n.dispatch(Ne,{dy:e,partials:y},{params:{pixels:m,out4:s,slices:w.slices,slice_pixels:w.each},invocations:s*w.slices}),oe(n,y,r.range(n,`${o.name}.bias`,"gradients"),w.slices)}var Bt={name:"max_pool",params:["batch","height","width","c4"],bindings:{x:"read",y:"read_write",argmax:"read_write"}},Ft={name:"max_pool_grad",params:["batch","height","width","c4","accumulate"],bindings:{dy:"read",argmax:"read",activated:"read",dx:"read_write"},includes:["activation"]};function Ke(t,e,r="pool"){let[a,n,o,i]=e.shape,s=A(i)/4,d=t.tensor([a,B(n,2),B(o,2),i],r),l=t.tensor([E(d)],`${r}.argmax`,{layout:"flat"}),c={batch:a,height:n,width:o,c4:s};return t.within(r,()=>{t.dispatch(Bt,{x:e,y:d,argmax:l},{params:c,invocations:E(d)}),t.gradient(d,u=>{let{gradient:p,accumulate:m}=t.gradientOf(e),{activated:w,constants:y}=M(e,u);t.dispatch(Ft,{dy:u,argmax:l,activated:w,dx:p},{params:{...c,accumulate:Number(m)},constants:y,invocations:E(e)})})}),d}var ze=64,J=class{specs;length;#e;#r=new Map;#t=new Map;#a=new WeakMap;constructor(e,r){this.#e=e,this.specs=r;let a=0;for(let n of r){let o=We(n);this.#r.set(n.name,{spec:n,offset:a,length:o}),a+=Math.ceil(o/ze)*ze}this.length=a}get adapter(){return this.#e.adapter}range(e,r,a="values"){let{offset:n,length:o}=this.#n(r);return{tensor:this.whole(e,a),offset:n*4,size:o*4}}whole(e,r){let a=this.#a.get(e);a||this.#a.set(e,a=new Map);let n=a.get(r);return n||(n=e.tensor([this.length],`parameters.${r}`,{layout:"flat",lifetime:"persistent",external:this.#o(r)}),a.set(r,n)),n}upload(e,r="values"){let a=new Float32Array(this.length);for(let{spec:n,offset:o}of this.#r.values()){let i=e.get(n.name);if(!i||i.length!==$(n.shape))throw new b(`Cannot upload ${n.name}: it has ${$(n.shape)} values, got ${i?.length??"none"}`);a.set(Dt(i,n),o)}this.#e.write(this.#o(r),0,a)}async download(e="values"){let r=this.length*4,{device:a}=this.#e,n=this.#e.buffer(`read ${e}`,r,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST);try{let o=a.createCommandEncoder();o.copyBufferToBuffer(this.#o(e),0,n,0,r),a.queue.submit([o.finish()]),await n.mapAsync(GPUMapMode.READ),this.#e.check();let i=new Float32Array(n.getMappedRange(0,r).slice(0));return new Map([...this.#r.values()].map(({spec:s,offset:d,length:l})=>[s.name,Kt(i.subarray(d,d+l),s)]))}finally{this.#e.release(n)}}[Symbol.dispose](){for(let e of this.#t.values())this.#e.release(e);this.#t.clear()}#n(e){let r=this.#r.get(e);if(!r)throw new b(`Cannot find the parameter ${e}`);return r}#o(e){let r=this.#t.get(e);if(!r){let a=GPUBufferUsage.STORAGE|GPUBufferUsage.COPY_DST|GPUBufferUsage.COPY_SRC;r=this.#e.buffer(`parameters.${e}`,this.length*4,a),this.#t.set(e,r)}return r}};function It(t){return t.reduce((e,r)=>e+A(r),0)}function We({shape:t,sources:e}){if(t.length===1)return A(t[0]);let[r,a,n,o]=t;return r*a*It(e??[n])*A(o)}function Dt(t,e){let{shape:r,sources:a}=e,n=r[r.length-1],o=j(t,n);if(r.length===1)return o;let i=A(n),s=new Float32Array(We(e));return Le(r,a,(d,l)=>s.set(o.subarray(d*i,(d+1)*i),l*i)),s}function Kt(t,e){let{shape:r,sources:a}=e,n=r[r.length-1];if(r.length===1)return K(t,n).slice(0,n);let o=A(n),i=new Float32Array($(r.slice(0,-1))*o);return Le(r,a,(s,d)=>i.set(t.subarray(d*o,(d+1)*o),s*o)),K(i,n).slice()}function Le(t,e,r){let a=t[0]*t[1],n=0,o=0;for(let i=0;i<a;i++)for(let s of e??[t[2]]){for(let d=0;d<s;d++)r(n++,o+d);o+=A(s)}}function G(t){let{channels:e,widths:r,encoderBlocks:a,decoderBlocks:n,activation:o,down:i,up:s,residual:d,residualBlocks:l}=t,c=[],u=[],p=(f,v,x,_,S,N=1,te=3)=>{c.push({op:"conv2d",name:f,inputs:v,output:f,kernel:te,stride:N,inChannels:x,outChannels:_,activation:S});let ht=x.reduce((gt,yt)=>gt+yt,0);return u.push({name:`${f}.weight`,shape:[te,te,ht,_]},{name:`${f}.bias`,shape:[_]}),f},m=(f,v,x)=>{let _=p(f,[v],[x],x,o);return l?(c.push({op:"add",inputs:[v,_],output:`${f}.sum`}),`${f}.sum`):_},w=r.length-1,y=[],h="image",g=e;for(let f=0;f<=w;f++){f>0&&(y.push(h),i==="stride"?(h=p(`down${f}`,[h],[g],r[f],o,2),g=r[f]):(c.push({op:"maxPool",input:h,output:`pool${f}`}),h=`pool${f}`)),h=p(`enc${f}.0`,[h],[g],r[f],o),g=r[f];for(let v=1;v<a[f];v++)h=m(`enc${f}.${v}`,h,g)}for(let f=w-1;f>=0;f--){c.push({op:"upsample",input:h,output:`up${f}`,mode:s}),h=p(`dec${f}.0`,[`up${f}`,y[f]],[g,r[f]],r[f],o),g=r[f];for(let v=1;v<n[f];v++)h=m(`dec${f}.${v}`,h,g)}return h=p("out",[h],[g],e,"none"),d&&(c.push({op:"add",inputs:["image",h],output:"restored"}),h="restored"),{nodes:c,parameters:u,output:h}}function de(t){let e=new Map([["image",{scale:1,radius:0}]]);for(let r of G(t).nodes){let n=("inputs"in r?r.inputs:[r.input]).map(s=>e.get(s)),o=Math.max(...n.map(s=>s.radius)),i=n[0].scale;r.op==="conv2d"?e.set(r.output,{scale:i*r.stride,radius:o+(r.kernel-1)/2*i}):r.op==="maxPool"?e.set(r.output,{scale:i*2,radius:o+i}):r.op==="upsample"?e.set(r.output,{scale:i/2,radius:o+(r.mode==="nearest"?i/2:i)}):e.set(r.output,{scale:i,radius:o})}return e.get(G(t).output).radius}function je(t={}){let{base:e=16,depth:r=(t.widths?.length??4)-1,blocks:a=2}=t,n=(l,c,u,p)=>{if(!Number.isInteger(c)||c<u||c>p)throw new RangeError(`Cannot make a U-Net: ${l} must be a whole number from ${u} to ${p}, got ${c}`)};n("base",e,1,512),n("depth",r,0,6),n("blocks",a,1,16);let o={channels:t.channels??3,widths:t.widths??Array.from({length:r+1},(l,c)=>e*2**c),encoderBlocks:t.encoderBlocks??Array(r+1).fill(a),decoderBlocks:t.decoderBlocks??Array(r).fill(a),activation:t.activation??"leaky-relu",down:t.down??"max-pool",up:t.up??"nearest",residual:t.residual??!0,residualBlocks:t.residualBlocks??!0};n("channels",o.channels,1,16);let{widths:i,encoderBlocks:s,decoderBlocks:d}=o;if(i.forEach(l=>n("a width",l,1,4096)),s.forEach(l=>n("a scale's encoder blocks",l,1,16)),d.forEach(l=>n("a scale's decoder blocks",l,1,16)),s.length!==i.length||d.length!==i.length-1)throw new RangeError(`Cannot make a U-Net: ${i.length} widths want ${i.length} encoder and ${i.length-1} decoder block counts, got ${s.length} and ${d.length}`);for(let[l,c,u]of[["activation",o.activation,["none","relu","leaky-relu"]],["down",o.down,["max-pool","stride"]],["up",o.up,["nearest","bilinear"]]])if(!u.includes(c))throw new RangeError(`Cannot make a U-Net: ${l} must be one of ${u.join(", ")}, got ${c}`);return o}function W(t){return 2**(t.widths.length-1)}function qe(t,e){let r=G(e),a=new Map(r.nodes.flatMap(n=>n.op==="conv2d"?[[`${n.name}.weight`,n.inChannels]]:[]));return new J(t,r.parameters.map(n=>({...n,sources:a.get(n.name)})))}function He(t,e,r,a,n={}){let o=W(r),[,i,s,d]=e.shape;if(i%o||s%o||d!==r.channels)throw new b(`Cannot record the U-Net: the image is ${i}×${s}×${d}, it takes multiples of ${o} and ${r.channels} channels`);let l=G(r),c=new Map([["image",e]]),u=new Set([e]),p=m=>{let w=c.get(m);if("upsampled"in w)throw new b(`Cannot record the U-Net: ${m} is read by more than a convolution`);return w};for(let m of l.nodes)if(m.op==="conv2d"){let w=m.inputs.map(y=>c.get(y));c.set(m.output,Be(t,w,a,m,{...n,withoutGradient:u}))}else m.op==="maxPool"?c.set(m.output,Ke(t,p(m.input),m.output)):m.op==="add"?c.set(m.output,Te(t,p(m.inputs[0]),p(m.inputs[1]),m.output,u)):m.mode==="nearest"?c.set(m.output,{upsampled:p(m.input)}):c.set(m.output,Ce(t,p(m.input),m.mode,m.output));return p(l.output)}var F=class extends Error{name="TileTooLargeError"};var zt=2,Y=class{topology;device;preferredTile;#e;#r;#t;#a=new Map;constructor(e,r,a,n={}){this.topology=r,this.device=e.adapter.software?`software adapter (${e.adapter.name})`:`GPU (${e.adapter.name})`,this.preferredTile=e.adapter.software?256:512,this.#e=e,this.#r=n.owned??!1,this.#t=qe(e,r),this.#t.upload(a)}async run(e,r,a){try{let n=await this.#n(r,a);return n.write("image",e),n.run(),await n.read("restored")}catch(n){let o=await this.#e.loss();throw o?new C(o.message,{cause:n}):n instanceof R?new F(n.message,{cause:n}):n}}get times(){let{upload:e,compute:r,download:a}=this.#e.times;return{upload:e,network:r,download:a}}async#n(e,r){let a=`${e}×${r}`,n=this.#a.get(a);if(n)return this.#a.delete(a),this.#a.set(a,n),n;let o=new q({training:!1}),i=o.input("image",[1,e,r,this.topology.channels]);o.output("restored",He(o,i,this.topology,this.#t));let s=await be(this.#e,o);this.#a.set(a,s);for(let[d,l]of this.#a){if(this.#a.size<=zt)break;this.#a.delete(d),l[Symbol.dispose]()}return s}[Symbol.dispose](){for(let e of this.#a.values())e[Symbol.dispose]();this.#a.clear(),this.#t[Symbol.dispose](),this.#r&&this.#e[Symbol.dispose]()}};var k=class extends Error{name="UserError";constructor(e,r){super(e,r),this.exitCode=r?.exitCode??1}exitCode};var ue={activation:`// Included by kernels that fuse an activation: 0 none, 1 relu, 2 leaky relu with slope 0.1 (LEAKY_SLOPE in src/nn/topology.ts).
override ACTIVATION: u32 = 0u;

fn activate_as(v: vec4f, kind: u32) -> vec4f {
  if (kind == 1u) { return max(v, vec4f()); }
  if (kind == 2u) { return max(v, 0.1 * v); }
  return v;
}

// Derivative of the activation, from its value y = activate(v): both kinds keep the sign of v.
fn slope_as(y: vec4f, kind: u32) -> vec4f {
  if (kind == 1u) { return select(vec4f(), vec4f(1.0), y > vec4f()); }
  if (kind == 2u) { return select(vec4f(0.1), vec4f(1.0), y > vec4f()); }
  return vec4f(1.0);
}

fn activate(v: vec4f) -> vec4f { return activate_as(v, ACTIVATION); }

fn activation_slope(y: vec4f) -> vec4f { return slope_as(y, ACTIVATION); }
`,adam:`// Adam with bias correction (Kingma and Ba 2015), decoupled weight decay (Loshchilov and Hutter 2019), clipping of the gradient's
// global norm (Pascanu et al. 2013) and an exponential moving average of the weights, elementwise over all parameters:
//   g ← g · min(1, max_norm / ‖g‖); m ← β₁m + (1-β₁)g; v ← β₂v + (1-β₂)g²;
//   p ← p - lr · (m · correction₁ / (√(v · correction₂) + ε) + decay · p); average ← average + (1-ema) · (p - average)
// where correctionᵢ = 1 / (1 - βᵢᵗ). p, g, m, v, average: [count] vec4 f32; norm: ‖g‖² in x. An invocation owns one vec4.
struct Params { count: i32 }
struct Step {
  learning_rate: f32, beta1: f32, beta2: f32, epsilon: f32,
  correction1: f32, correction2: f32, decay: f32, max_norm: f32,
  ema: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> now: Step;
@group(0) @binding(2) var<storage, read> g: array<vec4f>;
@group(0) @binding(3) var<storage, read> norm: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> p: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> m: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> v: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> average: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let norm_root = sqrt(norm[0].x);
  var scale = 1.0;
  if (now.max_norm > 0.0 && norm_root > now.max_norm) { scale = now.max_norm / norm_root; }
  let gradient = g[index] * scale;
  let first = fma(vec4f(1.0 - now.beta1), gradient - m[index], m[index]);
  let second = fma(vec4f(1.0 - now.beta2), gradient * gradient - v[index], v[index]);
  m[index] = first;
  v[index] = second;
  let before = p[index];
  let update = first * now.correction1 / (sqrt(second * now.correction2) + vec4f(now.epsilon)) + now.decay * before;
  let after = before - now.learning_rate * update;
  p[index] = after;
  average[index] = fma(vec4f(1.0 - now.ema), after - average[index], average[index]);
}
`,add:`// Residual add: y = a + b, elementwise over vec4 f32. An invocation owns one vec4.
struct Params { count: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  y[index] = a[index] + b[index];
}
`,add_grad:`// Gradient of a residual add, for one of its terms x: dx = activation_slope(x) * dy, elementwise over vec4 f32;
// added to what dx holds when params.accumulate is set. An invocation owns one vec4.
struct Params { count: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> activated: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  var gradient = dy[index] * activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`,bias_grad:`// Bias gradient: db[o] = sum over n,y,x of dy[n,y,x,o].
// dy: [pixels][out4] vec4 f32, partials: [slices][out4] vec4; sum_slices adds the slices in order.
// An invocation owns four outputs and one slice of the pixels.
struct Params { pixels: i32, out4: i32, slices: i32, slice_pixels: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.out4 * params.slices) { return; }
  let o = index % params.out4;
  let slice = index / params.out4;
  let end = min((slice + 1) * params.slice_pixels, params.pixels);
  var sum = vec4f();
  for (var pixel = slice * params.slice_pixels; pixel < end; pixel++) { sum += dy[pixel * params.out4 + o]; }
  partials[index] = sum;
}
`,conv2d_input_grad_naive:`// Input gradient of a k×k convolution, any stride:
// dx[n,y,x,c] = activation_slope(x) * sum over ky,kx,o of w[ky,kx,c,o] * dy[n, (y+r-ky)/stride, (x+r-kx)/stride, o], where the division is exact.
// dy: [N,OH,OW,4·out4] f32, w: [k·k][4·in4][out4] vec4, dx: [N,H,W,4·target4] f32 for the inputs 4·first4 .. 4·(first4 + target4);
// added to what dx holds when params.accumulate is set. An invocation owns one pixel by four inputs.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  in4: i32, out4: i32, target4: i32, first4: i32, kernel: i32, stride: i32, accumulate: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> w: array<vec4f>;
@group(0) @binding(3) var<storage, read> activated: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.target4) { return; }
  let c = index % params.target4;
  let pixel = index / params.target4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let radius = (params.kernel - 1) / 2;
  var sum = vec4f();
  for (var ky = 0; ky < params.kernel; ky++) {
    let up = row + radius - ky;
    let out_row = up / params.stride;
    if (up < 0 || out_row * params.stride != up || out_row >= params.out_height) { continue; }
    for (var kx = 0; kx < params.kernel; kx++) {
      let across = column + radius - kx;
      let out_column = across / params.stride;
      if (across < 0 || out_column * params.stride != across || out_column >= params.out_width) { continue; }
      let at = ((n * params.out_height + out_row) * params.out_width + out_column) * params.out4;
      let tap = ((ky * params.kernel + kx) * params.in4 + params.first4 + c) * 4 * params.out4;
      for (var o = 0; o < params.out4; o++) {
        let d = dy[at + o];
        sum += vec4f(
          dot(w[tap + o], d), dot(w[tap + params.out4 + o], d),
          dot(w[tap + 2 * params.out4 + o], d), dot(w[tap + 3 * params.out4 + o], d),
        );
      }
    }
  }
  sum *= activation_slope(activated[index]);
  if (params.accumulate != 0) { sum += dx[index]; }
  dx[index] = sum;
}
`,conv2d_naive:`// Convolution k×k ('same', kernel centred on (y·stride, x·stride)): the readable version, and the one for 1×1, stride 2 and wide layers.
// y[n,y,x,:] = activate(bias + sum over ky,kx,c of x[n, y·stride+ky-r, x·stride+kx-r, c] * w[ky,kx,c,:]), r = (k-1)/2.
// x: sources a and b joined along the channels, [N,H,W,4·(a4|b4)] f32 (a of half the size when params.a_shift = 1),
// w: [k·k][4·in4][out4] vec4 over outputs, bias: [out4] vec4, y: [N,OH,OW,4·out4] f32. An invocation owns one pixel by four outputs.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  a4: i32, b4: i32, a_shift: u32, out4: i32, kernel: i32, stride: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read> w: array<vec4f>;
@group(0) @binding(4) var<storage, read> bias: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.out_height * params.out_width * params.out4) { return; }
  let o = index % params.out4;
  let pixel = index / params.out4;
  let column = pixel % params.out_width;
  let row = (pixel / params.out_width) % params.out_height;
  let n = pixel / (params.out_width * params.out_height);
  let radius = (params.kernel - 1) / 2;
  let in4 = params.a4 + params.b4;
  var sum = bias[o];
  for (var ky = 0; ky < params.kernel; ky++) {
    let source_row = row * params.stride + ky - radius;
    if (source_row < 0 || source_row >= params.height) { continue; }
    for (var kx = 0; kx < params.kernel; kx++) {
      let source_column = column * params.stride + kx - radius;
      if (source_column < 0 || source_column >= params.width) { continue; }
      let shift = params.a_shift;
      let at_a = ((n * (params.height >> shift) + (source_row >> shift)) * (params.width >> shift) + (source_column >> shift)) * params.a4;
      let at_b = ((n * params.height + source_row) * params.width + source_column) * params.b4;
      let tap = (ky * params.kernel + kx) * in4 * 4 * params.out4 + o;
      for (var c = 0; c < in4; c++) {
        var v: vec4f;
        if (c < params.a4) { v = a[at_a + c]; } else { v = b[at_b + c - params.a4]; }
        let t = tap + c * 4 * params.out4;
        sum = fma(vec4f(v.x), w[t], sum);
        sum = fma(vec4f(v.y), w[t + params.out4], sum);
        sum = fma(vec4f(v.z), w[t + 2 * params.out4], sum);
        sum = fma(vec4f(v.w), w[t + 3 * params.out4], sum);
      }
    }
  }
  y[index] = activate(sum);
}
`,conv2d_pack:`// Rearranges the weights of a 3×3 convolution for conv2d_tile8.
// weight: [9 taps][4·in4 inputs][out4] vec4 over outputs, f32, padded with zeros; bias: [out4] vec4.
// packed: blocks of 8 outputs, \`params.block_vec4s\` apart: [9 taps][source4][4][2] vec4, then 2 vec4 of bias.
// FORWARD 1: as they are. FORWARD 0: for the input gradient of inputs 4·first4 .. 4·(first4 + target4): the taps turned by 180°,
// inputs and outputs exchanged, bias zero. An invocation writes one vec4.
struct Params { in4: i32, out4: i32, source4: i32, target4: i32, first4: i32, block_vec4s: i32, count: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;
@group(0) @binding(2) var<storage, read> bias: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> packed: array<vec4f>;

override FORWARD: u32 = 1u;

fn turned(tap: i32, input: i32, output: i32) -> f32 {
  return weight[((8 - tap) * params.in4 * 4 + params.first4 * 4 + input) * params.out4 + output / 4][output % 4];
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let block = index / params.block_vec4s;
  let inner = index % params.block_vec4s;
  let target_vec = block * 2 + inner % 2;
  var value = vec4f();
  if (target_vec < params.target4) {
    if (inner < 72 * params.source4) {
      let source = (inner / 2) % (params.source4 * 4);
      let tap = inner / (8 * params.source4);
      if (FORWARD == 1u) {
        value = weight[(tap * params.in4 * 4 + source) * params.out4 + target_vec];
      } else {
        let first = target_vec * 4;
        value = vec4f(
          turned(tap, first, source), turned(tap, first + 1, source),
          turned(tap, first + 2, source), turned(tap, first + 3, source),
        );
      }
    } else if (FORWARD == 1u && inner < 72 * params.source4 + 2) {
      value = bias[target_vec];
    }
  }
  packed[index] = value;
}
`,conv2d_tile:`// Included by conv2d_tile8 and conv2d_tile8x4, which compute a tile of pixels by 8 outputs an invocation:
// convolution 3×3, stride 1, 'same': y = activate(bias + sum over ky,kx,c of x[n, y+ky-1, x+kx-1, c] * w[ky,kx,c,:]).
// The same kernel is the input gradient, with transposed and turned weights (conv2d_pack): then
// dx = (sum) * activation_slope(x), added to what dx holds when params.accumulate is set.
// x: one source [N,H,W,4·x4] f32, of half the size when params.shift is 1 (nearest upsampling by the address). Of two joined
// sources the first is run with params.activation 0, and the second adds to it (MODE 2). y: [N,H,W,4·out4] f32.
// Channels beyond the tensor's own are zero.
// w: blocks of 8 outputs, \`params.block_vec4s\` apart: [9 taps][in4][4 inputs][2] vec4 over outputs, then 2 vec4 of bias; as many
// blocks as 64 KiB hold. params.first4 is the source's place among the in4.
struct Params {
  batch: i32, height: i32, width: i32,
  x4: i32, first4: i32, in4: i32, shift: u32,
  out4: i32, first_block: i32, block_vec4s: i32,
  accumulate: i32, activation: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<uniform> w: array<vec4f, 4096>;
@group(0) @binding(3) var<storage, read> activated: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;

// 0: input gradient (activation_slope of \`activated\`, accumulate). 1: forward (bias, activation). 2: forward, added to what y holds
// instead of to the bias.
override MODE: u32 = 1u;

// Ten pixels of a row of x, four channels: the eight of the tile and one on either side.
struct Pixels {
  v0: vec4f,
  v1: vec4f,
  v2: vec4f,
  v3: vec4f,
  v4: vec4f,
  v5: vec4f,
  v6: vec4f,
  v7: vec4f,
  v8: vec4f,
  v9: vec4f,
}
// Eight pixels of a row of y, four channels.
struct Sums {
  s0: vec4f,
  s1: vec4f,
  s2: vec4f,
  s3: vec4f,
  s4: vec4f,
  s5: vec4f,
  s6: vec4f,
  s7: vec4f,
}
// A tap's weights of four inputs by four outputs.
struct Tap {
  i0: vec4f,
  i1: vec4f,
  i2: vec4f,
  i3: vec4f,
}

fn tap(at: i32) -> Tap { return Tap(w[at], w[at + 2], w[at + 4], w[at + 6]); }

// Pixels outside of the image count as zero; the load itself is kept inside the row.
fn pixel(base: i32, column: i32, c: i32, inside: bool) -> vec4f {
  let kept = clamp(column, 0, params.width - 1);
  return select(vec4f(), x[(base + (kept >> params.shift)) * params.x4 + c], inside && column == kept);
}

fn pixels(n: i32, row: i32, x0: i32, c: i32) -> Pixels {
  let kept = clamp(row, 0, params.height - 1);
  let inside = row == kept;
  let base = (n * (params.height >> params.shift) + (kept >> params.shift)) * (params.width >> params.shift);
  return Pixels(
    pixel(base, x0 - 1, c, inside),
    pixel(base, x0, c, inside),
    pixel(base, x0 + 1, c, inside),
    pixel(base, x0 + 2, c, inside),
    pixel(base, x0 + 3, c, inside),
    pixel(base, x0 + 4, c, inside),
    pixel(base, x0 + 5, c, inside),
    pixel(base, x0 + 6, c, inside),
    pixel(base, x0 + 7, c, inside),
    pixel(base, x0 + 8, c, inside),
  );
}

fn mac(sum: vec4f, v: vec4f, t: Tap) -> vec4f {
  return fma(t.i3, vec4f(v.w), fma(t.i2, vec4f(v.z), fma(t.i1, vec4f(v.y), fma(t.i0, vec4f(v.x), sum))));
}

// Adds a row of three taps over a row of pixels.
fn taps(before: Sums, v: Pixels, left: Tap, middle: Tap, right: Tap) -> Sums {
  var s = before;
  s.s0 = mac(s.s0, v.v0, left);
  s.s1 = mac(s.s1, v.v1, left);
  s.s2 = mac(s.s2, v.v2, left);
  s.s3 = mac(s.s3, v.v3, left);
  s.s4 = mac(s.s4, v.v4, left);
  s.s5 = mac(s.s5, v.v5, left);
  s.s6 = mac(s.s6, v.v6, left);
  s.s7 = mac(s.s7, v.v7, left);
  s.s0 = mac(s.s0, v.v1, middle);
  s.s1 = mac(s.s1, v.v2, middle);
  s.s2 = mac(s.s2, v.v3, middle);
  s.s3 = mac(s.s3, v.v4, middle);
  s.s4 = mac(s.s4, v.v5, middle);
  s.s5 = mac(s.s5, v.v6, middle);
  s.s6 = mac(s.s6, v.v7, middle);
  s.s7 = mac(s.s7, v.v8, middle);
  s.s0 = mac(s.s0, v.v2, right);
  s.s1 = mac(s.s1, v.v3, right);
  s.s2 = mac(s.s2, v.v4, right);
  s.s3 = mac(s.s3, v.v5, right);
  s.s4 = mac(s.s4, v.v6, right);
  s.s5 = mac(s.s5, v.v7, right);
  s.s6 = mac(s.s6, v.v8, right);
  s.s7 = mac(s.s7, v.v9, right);
  return s;
}

fn eight(value: vec4f) -> Sums { return Sums(value, value, value, value, value, value, value, value); }

// What y holds, to add to; a pixel outside of the row reads one inside, and is not stored.
fn loaded(at: i32, last: i32) -> Sums {
  return Sums(
    y[at],
    y[at + min(1, last) * params.out4],
    y[at + min(2, last) * params.out4],
    y[at + min(3, last) * params.out4],
    y[at + min(4, last) * params.out4],
    y[at + min(5, last) * params.out4],
    y[at + min(6, last) * params.out4],
    y[at + min(7, last) * params.out4],
  );
}

fn put(at: i32, value: vec4f) {
  if (MODE != 0u) {
    y[at] = activate_as(value, params.activation);
  } else {
    var gradient = value * slope_as(activated[at], params.activation);
    if (params.accumulate != 0) { gradient += y[at]; }
    y[at] = gradient;
  }
}

// Stores a row of which the pixels up to \`last\` are inside of the image.
fn store(at: i32, last: i32, s: Sums) {
  put(at, s.s0);
  if (last >= 1) { put(at + 1 * params.out4, s.s1); }
  if (last >= 2) { put(at + 2 * params.out4, s.s2); }
  if (last >= 3) { put(at + 3 * params.out4, s.s3); }
  if (last >= 4) { put(at + 4 * params.out4, s.s4); }
  if (last >= 5) { put(at + 5 * params.out4, s.s5); }
  if (last >= 6) { put(at + 6 * params.out4, s.s6); }
  if (last >= 7) { put(at + 7 * params.out4, s.s7); }
}
`,conv2d_tile8:`// Convolution 3×3 and its input gradient, as conv2d_tile.wgsl says (included before this).
// An invocation owns 8 pixels of a row by 8 outputs: 16 vec4 accumulators, no barrier, no workgroup memory. An eighth of the code of
// conv2d_tile8x4, so it compiles quickly everywhere, and its accumulators fit into the registers of a GPU.
@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let across = (params.width + 7) / 8;
  let tile = i32(id.x + id.y * groups.x * 64u);
  if (tile >= params.batch * across * params.height) { return; }
  let x0 = (tile % across) * 8;
  let y0 = tile / across % params.height;
  let n = tile / (across * params.height);
  let block = i32(group.z) * params.block_vec4s;
  let out = (params.first_block + i32(group.z)) * 2;
  let two = out + 1 < params.out4;
  let last = min(7, params.width - 1 - x0);
  let at = ((n * params.height + y0) * params.width + x0) * params.out4 + out;

  let bias = block + 72 * params.in4;
  var s0 = eight(w[bias]);
  var s1 = eight(w[bias + 1]);
  if (MODE == 2u) {
    s0 = loaded(at, last);
    s1 = loaded(at + select(0, 1, two), last);
  }

  let step = params.in4 * 8;
  for (var c = 0; c < params.x4; c++) {
    for (var ky = 0; ky < 3; ky++) {
      let row = y0 + ky - 1;
      if (row < 0 || row >= params.height) { continue; }
      let v = pixels(n, row, x0, c);
      let first = block + (ky * 3 * params.in4 + params.first4 + c) * 8;
      s0 = taps(s0, v, tap(first), tap(first + step), tap(first + 2 * step));
      s1 = taps(s1, v, tap(first + 1), tap(first + step + 1), tap(first + 2 * step + 1));
    }
  }

  store(at, last, s0);
  if (two) { store(at + 1, last, s1); }
}
`,conv2d_tile8x4:`// Convolution 3×3 and its input gradient, as conv2d_tile.wgsl says (included before this).
// An invocation owns 8×4 pixels by 8 outputs: 64 vec4 accumulators, no barrier, no workgroup memory. On a software adapter a load
// of a vec4 costs as much as twenty multiply-adds of one, whatever it is loaded from: so the tile is large, every pixel and weight
// is loaded once for each four inputs, and the sums spill to the stack, which is cheap. A compiler that takes long over straight code
// (SwiftShader's: minutes) is better served by conv2d_tile8.
@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let across = (params.width + 7) / 8;
  let down = (params.height + 3) / 4;
  let tile = i32(id.x + id.y * groups.x * 64u);
  if (tile >= params.batch * across * down) { return; }
  let x0 = (tile % across) * 8;
  let y0 = (tile / across % down) * 4;
  let n = tile / (across * down);
  let block = i32(group.z) * params.block_vec4s;
  let out = (params.first_block + i32(group.z)) * 2;
  let two = out + 1 < params.out4;
  let last = min(7, params.width - 1 - x0);
  let row_vec4s = params.width * params.out4;
  let at = ((n * params.height + y0) * params.width + x0) * params.out4 + out;

  let bias = block + 72 * params.in4;
  var s00 = eight(w[bias]);
  var s01 = eight(w[bias + 1]);
  var s10 = eight(w[bias]);
  var s11 = eight(w[bias + 1]);
  var s20 = eight(w[bias]);
  var s21 = eight(w[bias + 1]);
  var s30 = eight(w[bias]);
  var s31 = eight(w[bias + 1]);
  if (MODE == 2u) {
    // Rows and outputs outside read inside, and are not stored.
    let more = select(0, 1, two);
    s00 = loaded(at, last);
    s01 = loaded(at + more, last);
    s10 = loaded(at + min(1, params.height - 1 - y0) * row_vec4s, last);
    s11 = loaded(at + min(1, params.height - 1 - y0) * row_vec4s + more, last);
    s20 = loaded(at + min(2, params.height - 1 - y0) * row_vec4s, last);
    s21 = loaded(at + min(2, params.height - 1 - y0) * row_vec4s + more, last);
    s30 = loaded(at + min(3, params.height - 1 - y0) * row_vec4s, last);
    s31 = loaded(at + min(3, params.height - 1 - y0) * row_vec4s + more, last);
  }

  for (var c = 0; c < params.x4; c++) {
    let first = block + (params.first4 + c) * 8;
    let step = params.in4 * 8;
    let w000 = tap(first);
    let w001 = tap(first + 1);
    let w010 = tap(first + step);
    let w011 = tap(first + step + 1);
    let w020 = tap(first + 2 * step);
    let w021 = tap(first + 2 * step + 1);
    let w100 = tap(first + 3 * step);
    let w101 = tap(first + 3 * step + 1);
    let w110 = tap(first + 4 * step);
    let w111 = tap(first + 4 * step + 1);
    let w120 = tap(first + 5 * step);
    let w121 = tap(first + 5 * step + 1);
    let w200 = tap(first + 6 * step);
    let w201 = tap(first + 6 * step + 1);
    let w210 = tap(first + 7 * step);
    let w211 = tap(first + 7 * step + 1);
    let w220 = tap(first + 8 * step);
    let w221 = tap(first + 8 * step + 1);
    let v0 = pixels(n, y0 - 1, x0, c);
    s00 = taps(s00, v0, w000, w010, w020);
    s01 = taps(s01, v0, w001, w011, w021);
    let v1 = pixels(n, y0, x0, c);
    s00 = taps(s00, v1, w100, w110, w120);
    s01 = taps(s01, v1, w101, w111, w121);
    s10 = taps(s10, v1, w000, w010, w020);
    s11 = taps(s11, v1, w001, w011, w021);
    let v2 = pixels(n, y0 + 1, x0, c);
    s00 = taps(s00, v2, w200, w210, w220);
    s01 = taps(s01, v2, w201, w211, w221);
    s10 = taps(s10, v2, w100, w110, w120);
    s11 = taps(s11, v2, w101, w111, w121);
    s20 = taps(s20, v2, w000, w010, w020);
    s21 = taps(s21, v2, w001, w011, w021);
    let v3 = pixels(n, y0 + 2, x0, c);
    s10 = taps(s10, v3, w200, w210, w220);
    s11 = taps(s11, v3, w201, w211, w221);
    s20 = taps(s20, v3, w100, w110, w120);
    s21 = taps(s21, v3, w101, w111, w121);
    s30 = taps(s30, v3, w000, w010, w020);
    s31 = taps(s31, v3, w001, w011, w021);
    let v4 = pixels(n, y0 + 3, x0, c);
    s20 = taps(s20, v4, w200, w210, w220);
    s21 = taps(s21, v4, w201, w211, w221);
    s30 = taps(s30, v4, w100, w110, w120);
    s31 = taps(s31, v4, w101, w111, w121);
    let v5 = pixels(n, y0 + 4, x0, c);
    s30 = taps(s30, v5, w200, w210, w220);
    s31 = taps(s31, v5, w201, w211, w221);
  }

  store(at, last, s00);
  if (two) { store(at + 1, last, s01); }
  if (y0 + 1 < params.height) {
    store(at + row_vec4s, last, s10);
    if (two) { store(at + row_vec4s + 1, last, s11); }
  }
  if (y0 + 2 < params.height) {
    store(at + 2 * row_vec4s, last, s20);
    if (two) { store(at + 2 * row_vec4s + 1, last, s21); }
  }
  if (y0 + 3 < params.height) {
    store(at + 3 * row_vec4s, last, s30);
    if (two) { store(at + 3 * row_vec4s + 1, last, s31); }
  }
}
`,conv2d_weight_grad_naive:`// Weight gradient of a k×k convolution, any stride:
// dw[ky,kx,c,o] = sum over n,y,x of x[n, y·stride+ky-r, x·stride+kx-r, c] * dy[n,y,x,o].
// x: one source [N,H,W,4·in4] f32 (of half the size when params.shift = 1), dy: [N,OH,OW,4·out4] f32,
// partials: [slices][k·k][4·total4 inputs][out4] vec4; sum_slices adds the slices in order.
// An invocation owns one tap, four inputs by four outputs, and walks the output rows of its slice.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  in4: i32, out4: i32, shift: u32, first4: i32, total4: i32,
  slices: i32, rows: i32, kernel: i32, stride: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let taps = params.kernel * params.kernel;
  let blocks = taps * params.in4 * params.out4;
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= blocks * params.slices) { return; }
  let slice = index / blocks;
  let o = index % params.out4;
  let c = (index / params.out4) % params.in4;
  let tap = (index / (params.out4 * params.in4)) % taps;
  let radius = (params.kernel - 1) / 2;
  let ky = tap / params.kernel - radius;
  let kx = tap % params.kernel - radius;
  var s0 = vec4f();
  var s1 = vec4f();
  var s2 = vec4f();
  var s3 = vec4f();
  let end = min((slice + 1) * params.rows, params.batch * params.out_height);
  for (var out_row = slice * params.rows; out_row < end; out_row++) {
    let n = out_row / params.out_height;
    let row = (out_row % params.out_height) * params.stride + ky;
    if (row < 0 || row >= params.height) { continue; }
    let base = (n * (params.height >> params.shift) + (row >> params.shift)) * (params.width >> params.shift);
    for (var out_column = 0; out_column < params.out_width; out_column++) {
      let column = out_column * params.stride + kx;
      if (column < 0 || column >= params.width) { continue; }
      let v = x[(base + (column >> params.shift)) * params.in4 + c];
      let d = dy[(out_row * params.out_width + out_column) * params.out4 + o];
      s0 = fma(vec4f(v.x), d, s0);
      s1 = fma(vec4f(v.y), d, s1);
      s2 = fma(vec4f(v.z), d, s2);
      s3 = fma(vec4f(v.w), d, s3);
    }
  }
  let at = ((slice * taps + tap) * params.total4 + params.first4 + c) * 4 * params.out4 + o;
  partials[at] = s0;
  partials[at + params.out4] = s1;
  partials[at + 2 * params.out4] = s2;
  partials[at + 3 * params.out4] = s3;
}
`,conv2d_weight_grad_rows:`// Weight gradient of a 3×3 convolution with stride 1: dw[ky,kx,c,o] = sum over n,y,x of x[n, y+ky-1, x+kx-1, c] * dy[n,y,x,o].
// x: one source [N,H,W,4·in4] f32 (half the size when params.shift = 1: nearest upsampling by the address), dy: [N,H,W,4·out4] f32,
// partials: [slices][9][all inputs, 4·total4][out4] vec4 f32; sum_slices adds the slices in order, so the same run gives the same bits.
// An invocation owns 8 inputs by 8 outputs for one row of taps (48 vec4 accumulators) and walks the rows of its slice from left to
// right, two pixels at a time: each column of x is loaded once and used for three taps, each sum is read and written once for two
// products. Where a count of vec4s is odd, the half that is missing is computed from its neighbour and not stored.
struct Params {
  batch: i32, height: i32, width: i32,
  in4: i32, out4: i32, shift: u32,
  first4: i32, total4: i32,
  slices: i32, rows: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

// Sums of four inputs (fields) by four outputs (lanes).
struct Sums {
  i0: vec4f,
  i1: vec4f,
  i2: vec4f,
  i3: vec4f,
}

// Adds the products of two pixels: v are four inputs, d four outputs.
fn add(s: Sums, v0: vec4f, v1: vec4f, d0: vec4f, d1: vec4f) -> Sums {
  return Sums(
    fma(vec4f(v1.x), d1, fma(vec4f(v0.x), d0, s.i0)),
    fma(vec4f(v1.y), d1, fma(vec4f(v0.y), d0, s.i1)),
    fma(vec4f(v1.z), d1, fma(vec4f(v0.z), d0, s.i2)),
    fma(vec4f(v1.w), d1, fma(vec4f(v0.w), d0, s.i3)),
  );
}

// Pixels outside of the image count as zero; the load itself is kept inside the row.
fn pixel(base: i32, column: i32, c: i32, inside: bool) -> vec4f {
  let kept = min(column, params.width - 1);
  return select(vec4f(), x[(base + (kept >> params.shift)) * params.in4 + c], inside && column == kept);
}

fn gradient(base: i32, column: i32, o: i32) -> vec4f {
  let kept = min(column, params.width - 1);
  return select(vec4f(), dy[(base + kept) * params.out4 + o], column == kept);
}

fn store(at: i32, s: Sums) {
  partials[at] = s.i0;
  partials[at + params.out4] = s.i1;
  partials[at + 2 * params.out4] = s.i2;
  partials[at + 3 * params.out4] = s.i3;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let in_pairs = (params.in4 + 1) / 2;
  let out_pairs = (params.out4 + 1) / 2;
  let blocks = 3 * in_pairs * out_pairs;
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= blocks * params.slices) { return; }
  let slice = index / blocks;
  let block = index % blocks;
  let o0 = (block % out_pairs) * 2;
  let o1 = min(o0 + 1, params.out4 - 1);
  let c0 = (block / out_pairs % in_pairs) * 2;
  let c1 = min(c0 + 1, params.in4 - 1);
  let ky = block / (out_pairs * in_pairs);

  var s000 = Sums();
  var s001 = Sums();
  var s010 = Sums();
  var s011 = Sums();
  var s100 = Sums();
  var s101 = Sums();
  var s110 = Sums();
  var s111 = Sums();
  var s200 = Sums();
  var s201 = Sums();
  var s210 = Sums();
  var s211 = Sums();

  let end = min((slice + 1) * params.rows, params.batch * params.height);
  for (var row = slice * params.rows; row < end; row++) {
    let n = row / params.height;
    let y = row % params.height + ky - 1;
    let kept = clamp(y, 0, params.height - 1);
    let inside = y == kept;
    let base = (n * (params.height >> params.shift) + (kept >> params.shift)) * (params.width >> params.shift);
    let dy_base = row * params.width;
    // Columns column - 1 and column of x.
    var l0 = vec4f();
    var l1 = vec4f();
    var m0 = pixel(base, 0, c0, inside);
    var m1 = pixel(base, 0, c1, inside);
    for (var column = 0; column < params.width; column += 2) {
      let d00 = gradient(dy_base, column, o0);
      let d01 = gradient(dy_base, column, o1);
      let d10 = gradient(dy_base, column + 1, o0);
      let d11 = gradient(dy_base, column + 1, o1);
      let r0 = pixel(base, column + 1, c0, inside);
      let r1 = pixel(base, column + 1, c1, inside);
      let e0 = pixel(base, column + 2, c0, inside);
      let e1 = pixel(base, column + 2, c1, inside);
      s000 = add(s000, l0, m0, d00, d10);
      s001 = add(s001, l0, m0, d01, d11);
      s010 = add(s010, l1, m1, d00, d10);
      s011 = add(s011, l1, m1, d01, d11);
      s100 = add(s100, m0, r0, d00, d10);
      s101 = add(s101, m0, r0, d01, d11);
      s110 = add(s110, m1, r1, d00, d10);
      s111 = add(s111, m1, r1, d01, d11);
      s200 = add(s200, r0, e0, d00, d10);
      s201 = add(s201, r0, e0, d01, d11);
      s210 = add(s210, r1, e1, d00, d10);
      s211 = add(s211, r1, e1, d01, d11);
      l0 = r0;
      l1 = r1;
      m0 = e0;
      m1 = e1;
    }
  }

  let tap = params.total4 * 4 * params.out4;
  let at = (slice * 9 + ky * 3) * tap + params.first4 * 4 * params.out4;
  let first = at + c0 * 4 * params.out4;
  let second = at + c1 * 4 * params.out4;
  store(first + 0 * tap + o0, s000);
  store(first + 1 * tap + o0, s100);
  store(first + 2 * tap + o0, s200);
  if (o1 != o0) {
    store(first + 0 * tap + o1, s001);
    store(first + 1 * tap + o1, s101);
    store(first + 2 * tap + o1, s201);
  }
  if (c1 != c0) {
    store(second + 0 * tap + o0, s010);
    store(second + 1 * tap + o0, s110);
    store(second + 2 * tap + o0, s210);
    if (o1 != o0) {
      store(second + 0 * tap + o1, s011);
      store(second + 1 * tap + o1, s111);
      store(second + 2 * tap + o1, s211);
    }
  }
}
`,loss:`// Mean loss over all elements and its gradient. d = y - target, M = number of elements (pixels · channels):
// KIND 0, MSE: sum d² / M, dy = 2d / M. KIND 1, L1: sum |d| / M, dy = sign(d) / M.
// KIND 2, Charbonnier (Charbonnier et al. 1994): sum sqrt(d² + ε²) / M, dy = d / sqrt(d² + ε²) / M, ε = 1e-3.
// y, target, dy: [pixels][c4] vec4 f32, lanes beyond \`params.channels\` zero; partials: one vec4 a slice (loss in x), summed by sum_slices.
// WEIGHTED 1: the terms and gradients of image n are multiplied by weights[n] (packed four to a vec4).
// An invocation owns one slice of the vec4s.
struct Params { count: i32, c4: i32, channels: i32, slice_vec4s: i32, slices: i32, image_vec4s: i32, scale: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> y: array<vec4f>;
@group(0) @binding(2) var<storage, read> goal: array<vec4f>;
@group(0) @binding(3) var<storage, read> weights: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dy: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> partials: array<vec4f>;

override KIND: u32 = 0u;
override WEIGHTED: u32 = 0u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let slice = i32(id.x + id.y * groups.x * 64u);
  if (slice >= params.slices) { return; }
  let end = min((slice + 1) * params.slice_vec4s, params.count);
  var sum = vec4f();
  for (var index = slice * params.slice_vec4s; index < end; index++) {
    let d = y[index] - goal[index];
    // Lanes that hold no channel must not count: the Charbonnier loss of zero is ε.
    let lane = vec4i((index % params.c4) * 4) + vec4i(0, 1, 2, 3);
    let counts = lane < vec4i(params.channels);
    var value: vec4f;
    var gradient: vec4f;
    if (KIND == 0u) {
      value = d * d;
      gradient = 2.0 * d;
    } else if (KIND == 1u) {
      value = abs(d);
      gradient = sign(d);
    } else {
      value = sqrt(d * d + vec4f(1e-6));
      gradient = d / value;
    }
    if (WEIGHTED == 1u) {
      let image = index / params.image_vec4s;
      let weight = weights[image / 4][image % 4];
      value *= weight;
      gradient *= weight;
    }
    sum += select(vec4f(), value, counts);
    dy[index] = select(vec4f(), gradient * params.scale, counts);
  }
  partials[slice] = vec4f(((sum.x + sum.y) + (sum.z + sum.w)) * params.scale, 0.0, 0.0, 0.0);
}
`,max_pool:`// Max-pooling 2×2, stride 2: y[n,y,x,c] = max of x[n, 2y..2y+1, 2x..2x+1, c]; a window past the edge takes what is inside.
// x: [N,H,W,4·c4] f32, y: [N,⌈H/2⌉,⌈W/2⌉,4·c4] f32, argmax: one u32 a vec4, 8 bits a channel: the winner's place in the window (2·dy + dx);
// of equals the first wins. An invocation owns four channels of one output pixel.
struct Params { batch: i32, height: i32, width: i32, c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> argmax: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let out_height = (params.height + 1) / 2;
  let out_width = (params.width + 1) / 2;
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * out_height * out_width * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = (pixel % out_width) * 2;
  let row = ((pixel / out_width) % out_height) * 2;
  let n = pixel / (out_width * out_height);
  let at = ((n * params.height + row) * params.width + column) * params.c4 + c;
  var best = x[at];
  var place = vec4u();
  let right = column + 1 < params.width;
  let below = row + 1 < params.height;
  if (right) {
    let v = x[at + params.c4];
    let wins = v > best;
    best = select(best, v, wins);
    place = select(place, vec4u(1u), wins);
  }
  if (below) {
    let v = x[at + params.width * params.c4];
    let wins = v > best;
    best = select(best, v, wins);
    place = select(place, vec4u(2u), wins);
  }
  if (right && below) {
    let v = x[at + (params.width + 1) * params.c4];
    let wins = v > best;
    best = select(best, v, wins);
    place = select(place, vec4u(3u), wins);
  }
  y[index] = best;
  argmax[index] = place.x | (place.y << 8u) | (place.z << 16u) | (place.w << 24u);
}
`,max_pool_grad:`// Gradient of max-pooling 2×2: dx[n,y,x,c] = activation_slope(x) * (dy[n, y/2, x/2, c] where this pixel was its window's winner, else 0).
// dy: [N,⌈H/2⌉,⌈W/2⌉,4·c4] f32, argmax as max_pool wrote it, activated: the pooled tensor x, dx: [N,H,W,4·c4] f32;
// added to what dx holds when params.accumulate is set. An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> argmax: array<u32>;
@group(0) @binding(3) var<storage, read> activated: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.c4) { return; }
  let out_height = (params.height + 1) / 2;
  let out_width = (params.width + 1) / 2;
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let window = ((n * out_height + row / 2) * out_width + column / 2) * params.c4 + c;
  let place = u32((row % 2) * 2 + column % 2);
  let winners = (vec4u(argmax[window]) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(255u);
  var gradient = select(vec4f(), dy[window], winners == vec4u(place)) * activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`,squared_norm:`// Partial sums of squares of all gradients, for the global norm: partials[s] = sum over slice s of g².
// g: [count] vec4 f32, partials: one vec4 a slice (value in x), summed by sum_slices. An invocation owns one slice.
struct Params { count: i32, slice_vec4s: i32, slices: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> g: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let slice = i32(id.x + id.y * groups.x * 64u);
  if (slice >= params.slices) { return; }
  let end = min((slice + 1) * params.slice_vec4s, params.count);
  var sum = vec4f();
  for (var index = slice * params.slice_vec4s; index < end; index++) { sum = fma(g[index], g[index], sum); }
  partials[slice] = vec4f((sum.x + sum.y) + (sum.z + sum.w), 0.0, 0.0, 0.0);
}
`,sum_slices:`// total[i] = sum over s of partials[s][i], in the order of s: the second half of every reduction, and why it is repeatable.
// partials: [slices][count] vec4 f32, total: [count] vec4 f32; added to what total holds when params.accumulate is set.
struct Params { count: i32, slices: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> partials: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> total: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  var sum = vec4f();
  if (params.accumulate != 0) { sum = total[index]; }
  for (var slice = 0; slice < params.slices; slice++) { sum += partials[slice * params.count + index]; }
  total[index] = sum;
}
`,upsample:`// Upsampling 2×: y[n,y,x,c] from x[n, y/2, x/2, c] (nearest), or interpolated between the four nearest pixel centres,
// those past the edge taken as the edge (bilinear). x: [N,H,W,4·c4] f32, y: [N,2H,2W,4·c4] f32. An invocation owns four channels of one output pixel.
struct Params { batch: i32, height: i32, width: i32, c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

override BILINEAR: u32 = 0u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * 4 * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % (params.width * 2);
  let row = (pixel / (params.width * 2)) % (params.height * 2);
  let n = pixel / (params.width * params.height * 4);
  let near_row = n * params.height + row / 2;
  let near_column = column / 2;
  let near = x[(near_row * params.width + near_column) * params.c4 + c];
  if (BILINEAR == 0u) {
    y[index] = near;
  } else {
    // An output centre lies a quarter pixel from its nearest source centre: towards the one before it when even, after it when odd.
    let far_row = n * params.height + clamp(row / 2 + (row % 2) * 2 - 1, 0, params.height - 1);
    let far_column = clamp(column / 2 + (column % 2) * 2 - 1, 0, params.width - 1);
    let beside = x[(near_row * params.width + far_column) * params.c4 + c];
    let over = x[(far_row * params.width + near_column) * params.c4 + c];
    let across = x[(far_row * params.width + far_column) * params.c4 + c];
    y[index] = 0.5625 * near + 0.1875 * (beside + over) + 0.0625 * across;
  }
}
`,upsample_grad:`// Gradient of upsampling 2×: dx[n,y,x,c] = activation_slope(x) * sum of dy times the share that this pixel had in it.
// Nearest: the four pixels of dy that copied it. Bilinear: rows 2y-1 .. 2y+2 and columns likewise with 1/4, 3/4, 3/4, 1/4,
// where the edge pixel also has the share of the pixel that is missing beyond it.
// dy: [N,2H,2W,4·c4] f32, activated: the upsampled tensor x, dx: [N,H,W,4·c4] f32; added to what dx holds when params.accumulate is set.
// An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> activated: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

override BILINEAR: u32 = 0u;

// Share of source pixel \`at\` in upsampled pixel \`fine\`, along one axis.
fn share(fine: i32, at: i32, extent: i32) -> f32 {
  let near = fine / 2;
  let far = clamp(near + (fine % 2) * 2 - 1, 0, extent - 1);
  return select(0.0, 0.75, near == at) + select(0.0, 0.25, far == at);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let fine_width = params.width * 2;
  let fine_row = n * params.height * 2;
  var gradient = vec4f();
  if (BILINEAR == 0u) {
    let at = ((fine_row + row * 2) * fine_width + column * 2) * params.c4 + c;
    gradient = (dy[at] + dy[at + params.c4]) + (dy[at + fine_width * params.c4] + dy[at + (fine_width + 1) * params.c4]);
  } else {
    for (var y = max(row * 2 - 1, 0); y < min(row * 2 + 3, params.height * 2); y++) {
      let vertical = share(y, row, params.height);
      for (var x = max(column * 2 - 1, 0); x < min(column * 2 + 3, fine_width); x++) {
        gradient += (vertical * share(x, column, params.width)) * dy[((fine_row + y) * fine_width + x) * params.c4 + c];
      }
    }
  }
  gradient *= activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`};function Wt(t,e){let r=t.prelude??[];for(let o of r)if(e[o]===void 0)throw new b(`Cannot compile ${t.name}: the constant ${o} is not given`);let a=[...r.map(o=>`const ${o} = ${e[o]};
`),...(t.includes??[]).map(o=>ue[o]),ue[t.name]].join(""),n=Object.fromEntries(Object.entries(e).filter(([o])=>!r.includes(o)));return{code:a,overrides:n}}async function Ve(t,e,r){let{code:a,overrides:n}=Wt(e,r),o={read:"read-only-storage",read_write:"storage",uniform:"uniform"};t.pushErrorScope("validation");let i=t.createShaderModule({label:e.name,code:a}),s=t.createBindGroupLayout({label:e.name,entries:["uniform",...Object.values(e.bindings)].map((c,u)=>({binding:u,visibility:GPUShaderStage.COMPUTE,buffer:{type:o[c]}}))}),d=t.createComputePipeline({label:e.name,layout:t.createPipelineLayout({bindGroupLayouts:[s]}),compute:{module:i,entryPoint:"main",constants:n}}),l=await t.popErrorScope();if(l)throw new b(`Cannot compile ${e.name} ${JSON.stringify(r)}: ${l.message}`);return{kernel:e,pipeline:d,layout:s}}var Lt=200,jt=/llvmpipe|lavapipe|swiftshader|softpipe|basic render|warp/i;function qt(){let t=globalThis.Deno;if(t)try{t.build.os==="linux"&&!t.env.get("DENO_WEBGPU_BACKEND")&&t.env.set("DENO_WEBGPU_BACKEND","vulkan"),t.build.os==="linux"&&!t.env.get("XDG_RUNTIME_DIR")&&t.env.set("XDG_RUNTIME_DIR","/tmp")}catch{}}async function Ht(){qt();let t=await navigator.gpu?.requestAdapter({powerPreference:"high-performance"})??void 0;if(!t)return;let{description:e,device:r,vendor:a,architecture:n}=t.info,o=e||r||`${a} ${n}`.trim()||"unnamed adapter";return{adapter:t,summary:{name:o,vendor:a,architecture:n,software:jt.test(`${o} ${a} ${n}`),lavapipe:/llvmpipe|lavapipe/i.test(o),features:[...t.features].sort()}}}async function Je(){let t=await Ht();if(!t)throw new k("No WebGPU adapter found: install a Vulkan driver (on Debian or Ubuntu: apt-get install mesa-vulkan-drivers)");let{adapter:e,summary:r}=t,a=["timestamp-query","shader-f16"],{limits:n}=e,o=await e.requestDevice({requiredFeatures:a.filter(i=>e.features.has(i)),requiredLimits:{maxStorageBufferBindingSize:n.maxStorageBufferBindingSize,maxBufferSize:n.maxBufferSize,maxUniformBufferBindingSize:n.maxUniformBufferBindingSize,maxComputeWorkgroupStorageSize:n.maxComputeWorkgroupStorageSize}});return new pe(o,r)}var pe=class{device;adapter;times={upload:0,compute:0,download:0};#e=new Set;#r=0;#t=0;#a=new Map;#n;#o=!1;constructor(e,r){this.device=e,this.adapter=r,e.lost.then(a=>{this.#o||(this.#n??=new C(`The GPU device was lost: ${a.message||a.reason}`))}),e.addEventListener("uncapturederror",a=>{let{error:n}=a;a.preventDefault(),this.#n??=n instanceof GPUOutOfMemoryError?new R(`The GPU is out of memory: ${n.message}`):new b(`The GPU refused a command: ${n.message}`)})}check(){if(this.#o)throw new b("Cannot use a Gpu that was disposed");if(this.#n)throw this.#n}async loss(){let e=Promise.withResolvers(),r=setTimeout(()=>e.resolve(void 0),Lt),a=await Promise.race([this.device.lost,e.promise]);return clearTimeout(r),a&&new C(`The GPU device was lost: ${a.message||a.reason}`)}buffer(e,r,a){this.check();let n=Math.max(16,Math.ceil(r/4)*4);if(n>this.device.limits.maxBufferSize||n>this.device.limits.maxStorageBufferBindingSize)throw new R(`Cannot make the buffer ${e}: ${n} bytes are more than the adapter binds at once`);let o=this.device.createBuffer({label:e,size:n,usage:a});return this.#e.add(o),this.#r+=n,this.#t=Math.max(this.#t,this.#r),o}release(e){this.#e.delete(e)&&(this.#r-=e.size,e.destroy())}write(e,r,a){if(r%4!==0||r<0||r+a.byteLength>e.size)throw new b(`Cannot write ${a.byteLength} bytes at ${r} of ${e.label||"a buffer"}: it has ${e.size}`);this.device.queue.writeBuffer(e,r,a)}kernel(e,r={}){let a=`${e.name} ${JSON.stringify(Object.entries(r).sort())}`,n=this.#a.get(a);return n||Ve(this.device,e,r).then(o=>(this.#a.set(a,o),o))}stats(){return{liveBytes:this.#r,peakBytes:this.#t,liveBuffers:this.#e.size}}[Symbol.dispose](){if(!this.#o){this.#o=!0;for(let e of this.#e)e.destroy();this.#e.clear(),this.#r=0,this.#a.clear(),this.device.destroy()}}};function Vt(t,e,r,a){let n=new Float32Array(t.length);return Xe(e,r,a,(o,i)=>{for(let s=0;s<3;s++)n[i+s]=t[o+s]}),n}async function Ye(t,e,r,a){let n=new Float32Array(e.length);for(let o=0;o<8;o++){let[i,s]=o<4?[r,a]:[a,r],d=await t.run(Vt(e,r,a,o),i,s);Xe(r,a,o,(l,c)=>{for(let u=0;u<3;u++)n[l+u]+=d[c+u]/8})}return n}function Xe(t,e,r,a){for(let n=0;n<t;n++){let o=r&2?t-1-n:n;for(let i=0;i<e;i++){let s=r&1?e-1-i:i;a(3*(n*e+i),3*(r&4?s*t+o:o*e+s))}}}function me(t){return t instanceof Uint16Array?65535:255}var Jt=16;function Ze(t,e,r,a=512,n=Jt){let o=W(r),i=I(de(r),o),s=Qe(t,o,i,a,I(n,o)),d=Qe(e,o,i,a,I(n,o)),l=d.windows.flatMap(c=>s.windows.map(u=>({x:u.start,y:c.start,keep:{x0:u.from,x1:u.to,y0:c.from,y1:c.to}})));return{width:t,height:e,tileWidth:s.extent,tileHeight:d.extent,tiles:l}}function et(t){let e=W(t);return 2*I(de(t),e)+e}function Qe(t,e,r,a,n){let o=I(t+2*n,e),i=Math.max(Math.floor(a/e)*e,2*r+e);if(o<=i)return{extent:o,windows:[{start:-n,from:0,to:t}]};let s=Math.ceil((o-2*r)/(i-2*r)),d=I((o-2*r)/s,e),l=d+2*r,c=[];for(let u=0,p=0;p<o;u+=d){let m=Math.min(u,o-l),w=m+l>=o?o:m+l-r,[y,h]=[Math.max(p-n,0),Math.min(w-n,t)];y<h&&c.push({start:m-n,from:y,to:h}),p=w}return{extent:l,windows:c}}function I(t,e){return Math.ceil(t/e)*e}function fe(t,e){if(e===1)return 0;let r=2*(e-1),a=(t%r+r)%r;return a<e?a:r-a}function he(t,e,r){let{width:a,height:n,tileWidth:o,tileHeight:i}=e,s=me(t),d=Int32Array.from({length:o},(c,u)=>3*fe(r.x+u,a)),l=new Float32Array(i*o*3);for(let c=0,u=0;c<i;c++){let p=3*a*fe(r.y+c,n);for(let m=0;m<o;m++){let w=p+d[m];l[u++]=t[w]/s,l[u++]=t[w+1]/s,l[u++]=t[w+2]/s}}return l}function tt(t,e,r,a,n,o){let{rgb:i,alpha:s,grey:d,width:l}=e,c=me(r),{x0:u,x1:p,y0:m,y1:w}=n.keep;for(let y=m;y<w;y++){let h=3*((y-n.y)*a.tileWidth+u-n.x),g=3*(y*l+u);for(let f=u;f<p;f++,h+=3,g+=3){let v=t[h],x=t[h+1],_=t[h+2];if(!Number.isFinite(v+x+_))throw new RangeError(`the network's output at column ${f}, row ${y} is not a finite number`);if(s&&s[g/3]===0)for(let S=0;S<3;S++)r[g+S]=i[g+S];else if(d){let S=X(i[g],(D(v)+D(x)+D(_))/3,c,o);for(let N=0;N<3;N++)r[g+N]=S}else r[g]=X(i[g],D(v),c,o),r[g+1]=X(i[g+1],D(x),c,o),r[g+2]=X(i[g+2],D(_),c,o)}}}function D(t){return t<0?0:t>1?1:t}function X(t,e,r,a){return Math.round(t+a*(e*r-t))}function rt(t,e,r,a){if(!e.includes(0)||e.every(s=>s===0))return t;let n=t.slice(),o=new Uint16Array(r*a);for(let s=0;s<e.length;s++)e[s]===0&&(o[s]=65535);let i=(s,d,l)=>{if(o[d]===65535)return;let c=Math.min(o[d]+l,65534);c>=o[s]||(o[s]=c,n[3*s]=n[3*d],n[3*s+1]=n[3*d+1],n[3*s+2]=n[3*d+2])};for(let s of[1,-1]){let[d,l]=s===1?[0,0]:[a-1,r-1];for(let c=d;c>=0&&c<a;c+=s){let u=c-s>=0&&c-s<a;for(let p=l;p>=0&&p<r;p+=s){let m=c*r+p;if(o[m]===0)continue;let w=p-s>=0&&p-s<r,y=p+s>=0&&p+s<r,h=m-s*r;w&&i(m,m-s,3),u&&(i(m,h,3),w&&i(m,h-s,4),y&&i(m,h+s,4))}}}return n}async function at(t,e,r={}){let{strength:a=1,tile:n=e.preferredTile,signal:o}=r;if(!(a>=0&&a<=1))throw new k(`Cannot enhance: strength must be from 0 to 1, got ${a}`,{exitCode:2});if(!(n>=1))throw new k(`Cannot enhance: tile must be at least 1 pixel, got ${n}`,{exitCode:2});if(e.topology.channels!==3)throw new k(`Cannot enhance: the model has ${e.topology.channels} channels, photos need 3`);if(o?.throwIfAborted(),a===0)return t;let i=t.alpha?rt(t.rgb,t.alpha,t.width,t.height):t.rgb,s=t.rgb instanceof Uint16Array?new Uint16Array(t.rgb.length):new Uint8Array(t.rgb.length);for(let d=n;;d/=2){let l=Ze(t.width,t.height,e.topology,d);try{return await Yt(t,i,s,l,e,r),{...t,rgb:s}}catch(c){if(!(c instanceof F))throw c;if(d<=et(e.topology))throw new k(`Cannot enhance: not enough memory on ${e.device} for a tile of ${l.tileWidth}×${l.tileHeight}, the smallest for this model; close other programs or try --device cpu`,{cause:c})}}}async function Yt(t,e,r,a,n,o){let{strength:i=1,selfEnsemble:s=!1,onProgress:d,onTile:l,signal:c}=o,{tiles:u,tileHeight:p,tileWidth:m}=a,w=(g,f)=>{try{tt(f,t,r,a,u[g],i)}catch(v){throw new k(`Cannot enhance on ${n.device}: ${v.message}; try --device cpu or another model`,{cause:v})}l?.(u[g].keep,r),d?.(g+1,u.length)},y=he(e,a,u[0]),h;for(let g=0;g<u.length;g++){c?.throwIfAborted();let f=s?Ye(n,y,p,m):n.run(y,p,m);try{h&&w(g-1,h),g+1<u.length&&(y=he(e,a,u[g+1]))}catch(v){throw await f.catch(()=>{}),v}h=await f}w(u.length-1,h)}var Xt=Uint32Array.from({length:256},(t,e)=>{let r=e;for(let a=0;a<8;a++)r=r&1?r>>>1^3988292384:r>>>1;return r});function Q(t,e=0){let r=~e;for(let a=0;a<t.length;a++)r=Xt[(r^t[a])&255]^r>>>8;return~r>>>0}var nt={F32:4,F16:2};var Qt=1e8,Z="crc32",st="00000000";function it(t,e){let r=y=>{throw new k(`Cannot read ${L(e)} as safetensors: ${y}`)};t.length<8&&r(`it has ${t.length} bytes, too few for a header`);let a=new DataView(t.buffer,t.byteOffset,t.byteLength),n=a.getUint32(0,!0)+a.getUint32(4,!0)*2**32;n>Qt&&r(`its header claims ${n} bytes; it is no safetensors file or is damaged`),n>t.length-8&&r(`its header claims ${n} bytes, but only ${t.length-8} follow; the file is truncated or damaged`);let o=Zt(t.subarray(8,8+n),r),{__metadata__:i={},...s}=o;(!ge(i)||Object.values(i).some(y=>typeof y!="string"))&&r("its metadata is not a list of strings; the file is damaged");let d=t.subarray(8+n),l=[],c=new Map,u=Object.entries(s).map(([y,h])=>{let g=er(y,h,d.length,r);return l.push(g),{tensor:y,...g}});l.sort((y,h)=>y.begin-h.begin||y.end-h.end);let p=0;for(let{begin:y,end:h}of l)y!==p&&r(`its tensors overlap or leave a gap at byte ${Math.min(y,p)}; the file is damaged`),p=h;p!==d.length&&r(`its tensors fill ${p} bytes, but ${d.length} follow the header; the file is damaged`),tr(t,n,i,r);for(let{tensor:y,dtype:h,shape:g,begin:f,end:v}of u){let x=d.slice(f,v).buffer,_=h==="F32"?new Float32Array(x):Float32Array.from(new Float16Array(x));c.set(y,{dtype:h,shape:g,data:_})}let{[Z]:m,...w}=i;return{tensors:c,metadata:w}}function Zt(t,e){let r;try{if(t[0]!==123)throw new SyntaxError;r=JSON.parse(new TextDecoder("utf-8",{fatal:!0}).decode(t))}catch{e("its header is no JSON; it is no safetensors file or is damaged")}return ge(r)?r:e("its header is no JSON object; the file is damaged")}function er(t,e,r,a){let n=c=>a(`tensor ${L(t)} has ${c}; the file is damaged`);if(!ge(e))return n("no description");let{dtype:o,shape:i,data_offsets:s}=e;if(o!=="F32"&&o!=="F16")return a(`tensor ${L(t)} is of type ${L(String(o))}; only F32 and F16 can be read`);if(!Array.isArray(i)||!i.every(ot))return n("no valid shape");if(!Array.isArray(s)||s.length!==2||!s.every(ot))return n("no valid offsets");let[d,l]=s;return l<d?n(`offsets ${d} to ${l}`):l>r?a(`tensor ${L(t)} ends at byte ${l} of the data, but the file holds ${r}; it is truncated or damaged`):l-d!==$(i)*nt[o]?n(`${l-d} bytes, but shape ${T(i)} of ${o} takes ${$(i)*nt[o]}`):{dtype:o,shape:i,begin:d,end:l}}function tr(t,e,r,a){if(!Object.hasOwn(r,Z))return;let n=rr(t,e);if(n!==void 0){let o=new TextEncoder().encode(st),i=t.subarray(n+o.length),s=Q(i,Q(o,Q(t.subarray(0,n))));if(ar(s)===r[Z])return}a("its checksum does not match; the file is damaged (or was rewritten: then drop crc32 from its metadata)")}function rr(t,e){let r=new TextEncoder().encode(`"${Z}":"`),a=8+e-r.length-st.length;for(let n=8;n<=a;n++)if(r.every((o,i)=>t[n+i]===o))return n+r.length}function L(t){return JSON.stringify(t.length>80?`${t.slice(0,77)}...`:t).replaceAll(/[\u007f-\u009f\u2028\u2029]/g,"?")}var ar=t=>t.toString(16).padStart(8,"0"),ot=t=>Number.isSafeInteger(t)&&t>=0,ge=t=>typeof t=="object"&&t!==null&&!Array.isArray(t);var lt="clairnet-1",nr=["name","recipe","loss","data","created","version","license","note"],or=["seed","steps"];function ye(t,e){return sr(it(t,e),e)}function sr(t,e){let r=`Cannot use ${JSON.stringify(e)} as a model`,{metadata:a,tensors:n}=t;if(a.format!==lt||a.topology===void 0){let s=a.format===void 0?"no format":`the format ${JSON.stringify(a.format)}`;throw new k(`${r}: its metadata has ${s}, where Clairnet's models have "${lt}"`)}let o=lr(a.topology,r),i=new Map;for(let{name:s,shape:d}of G(o).parameters){let l=n.get(s);if(!l)throw new k(`${r}: tensor "${s}" (${T(d)}) is missing`);if(T(l.shape)!==T(d))throw new k(`${r}: tensor "${s}" has shape ${T(l.shape)}, but its topology wants ${T(d)}`);ir(l.data,`${r}: tensor "${s}"`),i.set(s,l.data)}for(let s of n.keys())if(!i.has(s)&&!s.includes("/"))throw new k(`${r}: tensor ${JSON.stringify(s)} is not part of its topology`);return{topology:o,parameters:i,info:cr(a,r)}}function ir(t,e){let r=t.findIndex(a=>!Number.isFinite(a));if(r>=0)throw new k(`${e} holds ${t[r]} at ${r}: the training diverged or the file is damaged`)}function lr(t,e){try{let{channels:r,widths:a,encoderBlocks:n,decoderBlocks:o,activation:i,down:s,up:d,residual:l,residualBlocks:c}=JSON.parse(t);for(let[u,p]of Object.entries({widths:a,encoderBlocks:n,decoderBlocks:o}))if(!Array.isArray(p))throw new RangeError(`${u} is no list`);if(typeof r!="number")throw new RangeError("channels is no number");for(let[u,p]of Object.entries({residual:l,residualBlocks:c}))if(typeof p!="boolean")throw new RangeError(`${u} is neither true nor false`);for(let[u,p]of Object.entries({activation:i,down:s,up:d}))if(typeof p!="string")throw new RangeError(`${u} is no word`);return je({channels:r,widths:a,encoderBlocks:n,decoderBlocks:o,activation:i,down:s,up:d,residual:l,residualBlocks:c})}catch(r){let a=r instanceof RangeError?r.message.replaceAll(/\s+/g," "):"it is no JSON object";throw new k(`${e}: the topology in its metadata is damaged (${a})`,{cause:r})}}function cr(t,e){let r={};for(let a of nr)r[a]=t[a]??"";for(let a of or){let n=Number(t[a]??0);if(!Number.isSafeInteger(n)||n<0)throw new k(`${e}: ${a} in its metadata is no whole number`);r[a]=n}try{let a=Object.entries(JSON.parse(t.metrics??"{}")).map(([n,o])=>[n,Number(o)]);r.metrics=Object.fromEntries(a)}catch(a){throw new k(`${e}: the metrics in its metadata are damaged`,{cause:a})}return r}async function ct({name:t,url:e,bytes:r}){if(r)return ye(r,t);let a=await fetch(e).catch(n=>{throw new k(`Cannot fetch the model ${t}: ${n.message}`,{cause:n})});if(!a.ok)throw new k(`Cannot fetch the model ${t}: the server answered ${a.status}`);return ye(new Uint8Array(await a.arrayBuffer()),t)}function dt(t,e,r){let a=new Uint8Array(e*r*3),n=new Uint8Array(e*r),o=!0,i=!0;for(let s=0,d=0,l=0;s<n.length;s++,d+=4,l+=3){let[c,u,p,m]=[t[d],t[d+1],t[d+2],t[d+3]];a[l]=c,a[l+1]=u,a[l+2]=p,n[s]=m,o&&=m===255,i&&=c===u&&u===p}return{width:e,height:r,rgb:a,grey:i,format:"canvas",...o?{}:{alpha:n}}}function ut(t,{width:e,alpha:r},{x0:a,x1:n,y0:o,y1:i},s){let d=new Uint8ClampedArray((n-a)*(i-o)*4);for(let l=o,c=0;l<i;l++)for(let u=a;u<n;u++,c+=4){let p=3*(l*e*s+u);d[c]=t[p],d[c+1]=t[p+1],d[c+2]=t[p+2],d[c+3]=r?r[Math.floor(l/s)*e+Math.floor(u/s)]:255}return d}function pt(){return self}function mt(t){return(t instanceof Error?t.message:String(t)).replaceAll(/\s+/g," ").trim()||"something failed that says nothing of itself"}var ee=class extends Error{};function ft(t){let e=pt(),r=new Map,a,n=Promise.resolve(),o=async s=>(a?.key!==s.key&&(a?.network[Symbol.dispose](),a=void 0,a={key:s.key,network:await t(await ct(s))}),a.network),i=async(s,d)=>{let{id:l,width:c,height:u,rgba:p}=s;try{d.throwIfAborted();let m=await o(s.model),{scale:w=1}=m.topology;e.postMessage({kind:"started",id:l,device:m.device,scale:w});let y=performance.now(),h=dt(p,c,u),g;await at(h,m,{signal:d,onTile:({x0:f,x1:v,y0:x,y1:_},S)=>{let N={x0:f*w,x1:v*w,y0:x*w,y1:_*w};g={area:N,rgba:ut(S,h,N,w)}},onProgress:(f,v)=>{g&&e.postMessage({kind:"tile",id:l,...g,done:f,total:v},[g.rgba.buffer])}}),e.postMessage({kind:"done",id:l,seconds:(performance.now()-y)/1e3})}catch(m){m instanceof ee?e.postMessage({kind:"cancelled",id:l}):(a?.network[Symbol.dispose](),a=void 0,e.postMessage({kind:"failed",id:l,message:mt(m)}))}finally{r.delete(l)}};e.onmessage=({data:s})=>{if(s.kind==="cancel")r.get(s.id)?.abort(new ee);else{let d=new AbortController;r.set(s.id,d),n=n.then(()=>i(s,d.signal))}}}ft(async({topology:t,parameters:e})=>{let r=await Je();return dr(r,new Y(r,t,e))});function dr(t,e){return{topology:e.topology,device:e.device,preferredTile:e.preferredTile,run:(r,a,n)=>e.run(r,a,n),[Symbol.dispose](){e[Symbol.dispose](),t[Symbol.dispose]()}}}
